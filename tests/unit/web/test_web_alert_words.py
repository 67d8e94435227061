"""Alerts in another language: every kind of rule, its numbers and units, and what people named stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.config.schema import choices
from collector.insight.alerts.notice import HAPPENED, RAISED, RESOLVED, Notice, message
from collector.web.alert_words import Tongue, alert_text
from collector.web.language import languages, speak

AT = int(datetime(2026, 11, 28, 23, 5, tzinfo=UTC).timestamp() * 1000)
TOLD = {
    "turbine: voltage_l1_n is 245.3 V, above 245": "turbine: Tensão L1–N está em 245,3 V, acima de 245",
    "turbine: power_factor_total is 0.85, below 0.9": "turbine: Fator de potência total está em 0,85, abaixo de 0,9",
    "casa: voltage_l1_n is 240 V, back in its bounds": "casa: Tensão L1–N está em 240 V, de volta aos limites",
    "turbine: active_power_total changed within 600 s by -2500.5 W, below -2000":
        "turbine: Potência ativa total mudou −2500,5 W em 600 s, abaixo de −2000",
    "turbine: frequency has no value": "turbine: Frequência está sem valor",
    "turbine: no believable answer (no answer)": "turbine: nenhuma resposta confiável (sem resposta)",
    "turbine: answers": "turbine: responde",
    "house: voltage_l1: 93.5 % of this week within the limits of EN 50160, low voltage, synchronous network, 95 % are"
    " wanted": "house: Tensão L1–N, desvio: 93,5 % (semana em curso) dentro dos limites de EN 50160, baixa tensão,"
    " rede síncrona; desejam-se 95 %",
    "house: active_power_l2: base load changed, +78.93 W on the mean since Sun 2026-11-15 00:00, +26.1 kWh so far":
        "house: Potência ativa L2: o consumo de base mudou, +78,93 W em média desde 15 de nov. de 2026, 00:00, +26,1"
        " kWh até agora",
    "house: frequency is as usual again": "house: Frequência voltou ao normal",
    "house: active_energy_import counts from zero again: 1234.5 Wh, now 3 Wh; 3 Wh counted in between":
        "house: Energia ativa consumida conta de novo a partir de zero: 1234,5 Wh, agora 3 Wh; 3 Wh contados nesse"
        " meio-tempo",
    "collector: does not run – see the store's line": "coletor: não funciona – veja a linha do banco de dados",
}  # fmt: skip


def told(*notices: Notice):
    return message("Chapada", UTC, Tongue("pt"), notices)


def notice(text: str, word: str = RAISED, at: int = AT) -> Notice:
    return Notice(at, word, "my-rule", "s", "m", text, (), at)


@pytest.mark.parametrize("text", TOLD)
def test_every_kind_is_told_with_its_numbers(text: str) -> None:
    assert told(notice(text)).text == f"28 de nov. de 2026, 23:05 alerta: {TOLD[text]} (regra my-rule)"


def test_that_it_is_over_and_several_at_once() -> None:
    made = told(notice("turbine: answers", RESOLVED), notice("a: frequency has no value", HAPPENED, AT + 60_000))
    assert made.headline == "Chapada: 2 mensagens, a primeira: terminou: turbine: responde"
    assert made.text.splitlines() == [
        "28 de nov. de 2026, 23:05 terminou: turbine: responde (regra my-rule)",
        "28 de nov. de 2026, 23:06 aviso: a: Frequência está sem valor (regra my-rule)",
    ]
    assert told(*(notice("turbine: answers", at=AT + n) for n in range(30))).text.endswith(
        "... e mais 10; a página lista todas."
    )


def test_what_goes_to_and_fro_and_what_nobody_translated() -> None:
    text = "turbine: answers (it comes and goes: no more of it until it has kept quiet)"
    assert "turbine: responde (vai e vem: nada mais sobre isto até que se acalme)" in told(notice(text)).text
    assert "something %(new)s: 100 %" in told(notice("something %(new)s: 100 %")).text


def test_the_language_of_messages_is_one_that_there_is() -> None:
    assert set(choices("alerts", "language")) == set(languages())
    speak("en")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "turbine: active_energy_import goes on in steps of 10, not of 100: 5200 Wh, now 30.5 Wh;"
            " 30 Wh counted in between",
            "turbine: Energia ativa consumida continua em passos de 10, não de 100: 5200 Wh, agora 30,5 Wh;"
            " 30 Wh contados nesse meio-tempo",
        ),
        (
            "house: active_energy_import counts from zero again: 10 Wh, now 0 Wh; 0 Wh counted in between;"
            " active_energy_export counts from zero again: 10 Wh, now 0 Wh; 0 Wh counted in between",
            "house: Energia ativa consumida conta de novo a partir de zero: 10 Wh, agora 0 Wh;"
            " 0 Wh contados nesse meio-tempo; Energia ativa fornecida conta de novo a partir de zero: 10 Wh,"
            " agora 0 Wh; 0 Wh contados nesse meio-tempo",
        ),
        (
            "The clock was set back by 86400.5 s: NTP corrects the battery-backed clock",
            "O relógio foi atrasado em 86400,5 s: NTP corrige o relógio com bateria",
        ),
        ("turbine: the meter was restarted; a meter with another serial number answers",
         "turbine: o medidor foi reiniciado; responde um medidor com outro número de série"),
        ("what nobody knows: 1; 2", "what nobody knows: 1; 2"),
    ],
)  # fmt: skip
def test_what_happened_is_told_in_the_reader_s_language(text, told):
    speak("pt")
    assert alert_text(text) == told

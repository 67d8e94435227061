"""Two languages: no text of the page is left out, numbers and dates follow, and another language is one file."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from collector.web import language as spoken
from collector.web.camera_words import PICTURE, doubt
from collector.web.catalogue import WEB, texts, updated
from collector.web.language import FOLDER, Language, gettext, languages, ngettext, preferred, read, speak
from collector.web.said_elsewhere import said
from collector.web.wording import Scale, figure, label, size
from collector.web.words import words
from ocr.judge.reasons import SENTENCES

TRANSLATED = [code for code in languages() if code != "en"]
PLACE = re.compile(r"%\(\w+\)s")


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak("en")


@pytest.mark.slow
@pytest.mark.parametrize("code", TRANSLATED)
def test_the_catalogue_holds_every_text_of_today(code):
    assert updated(code) == (FOLDER / f"{code}.po").read_bytes(), "python -m collector.web.catalogue, then translate"


@pytest.mark.slow
@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_with_the_same_values(code):
    catalogue, left = read(code), []
    for message in texts().values():
        one = message if isinstance(message, str) else message[0]
        found = catalogue.get(one)
        said = [found.string] if isinstance(message, str) else list(found.string)
        if not all(said) or found.fuzzy:
            left.append(one)
        assert {tuple(sorted(PLACE.findall(each))) for each in said if each} <= {tuple(sorted(PLACE.findall(one)))}, one
    assert left == []


def literal(template: str) -> list[str]:
    """Words of a template that are no tag, no expression of Jinja, and no command or address."""
    text = re.sub(r"\{#.*?#\}|\{% trans.*?endtrans %\}|\{%.*?%\}|<code>.*?</code>", " ", template, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    named = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
    return re.findall(r"[^\W\d_]{2,}", " ".join([re.sub(r"<[^>]*>", " ", text), *named]))


@pytest.mark.parametrize("path", sorted((WEB / "templates").glob("*.html")), ids=lambda path: path.name)
def test_no_word_of_a_template_bypasses_the_catalogues(path):
    # Symbols of units and names are the same in every language.
    assert set(literal(path.read_text(encoding="utf-8"))) <= {"API", "html", "doctype", "Bearer", "Authorization"}


def test_scripts_show_no_text_that_bypasses_the_catalogues():
    for path in sorted((WEB / "static" / "js").glob("*.js")):
        code = re.sub(r'say\("(?:[^"\\]|\\.)*"', "say(", path.read_text(encoding="utf-8"))
        for sentence in re.findall(r'"([A-Z][a-z]+ [^"]*)"', code):
            raise AssertionError(f"{path.name}: {sentence!r} is not said in the visitor's language")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("pt-PT", "pt"),
        ("de,en;q=0.5", "en"),
        ("de", "en"),
        ("en-US,pt;q=0.9", "en"),
        ("", "en"),
    ],
)
def test_the_browser_says_which_language(house, header, code):
    answer = house.client.get("/", headers={"Accept-Language": header})
    page = answer.get_data(as_text=True)
    assert f'<html lang="{code}">' in page
    assert ("Em funcionamento." in page) == (code == "pt")
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.slow
def test_a_choice_is_remembered_and_stronger_than_the_browser(house):
    first = house.client.get("/history?range=day&language=pt", headers={"Accept-Language": "en"})
    assert '<html lang="pt">' in first.get_data(as_text=True)
    page = house.client.get("/health", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Leituras perdidas" in page
    assert 'href="/health?language=en"' in page
    house.client.get("/?language=xx")
    assert '<html lang="pt">' in house.client.get("/").get_data(as_text=True)


def test_numbers_and_dates_are_written_as_the_country_does(house):
    pt, en, at = Language("pt"), Language("en"), datetime(2026, 11, 20, 8, 5, 7)
    assert (pt.date(at, "full"), en.date(at, "long")) == ("sexta-feira, 20 de novembro de 2026", "20 November 2026")
    assert (pt.month(at), en.month(at)) == ("Novembro 2026", "November 2026")
    assert pt.time(at, seconds=True) == en.time(at, seconds=True) == "08:05:07"
    speak("pt")
    assert figure(-12345.678, Scale(0, 2)) == ("−12\u202f345", ",68")
    assert (figure(None, Scale(0, 1)), size(4_560)) == (("–", ""), "4,6 kB")
    assert label("active_energy_import_t2") == "Energia ativa consumida, tarifa 2"
    assert label("voltage_l1_l2") == "Tensão L1–L2"
    page = house.client.get("/history?range=month&at=2026-11-20T08:00:00Z&language=pt").get_data(as_text=True)
    assert "Novembro 2026" in page


def test_scripts_get_their_texts_and_the_decimal_mark(house):
    page = house.client.get("/?language=pt").get_data(as_text=True)
    assert re.search(r'"decimal": ?","', page)
    assert words("pt")["texts"]["Every reading"] == "Todas as leituras"
    assert words("en") == {"language": "en-GB", "decimal": ".", "texts": {}}


def test_answers_to_programs_are_the_same_numbers_in_every_language(house):
    query = f"/api/series?quantity=voltage_l1_n&from={house.now - 600_000}&to={house.now}&language="
    one, other = (house.client.get(query + code).get_json() for code in ("en", "pt"))
    assert one["quantities"][0]["value"] == other["quantities"][0]["value"]
    assert [each["quantities"][0]["label"] for each in (one, other)] == ["Voltage L1–N", "Tensão L1–N"]


def test_another_language_is_one_file(house, tmp_path, monkeypatch):
    (tmp_path / "de.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
        'msgid "Now"\nmsgstr "Jetzt"\n'
        'msgid "%(num)s meter"\nmsgid_plural "%(num)s meters"\nmsgstr[0] "%(num)s Zähler"\nmsgstr[1] "%(num)s Zähler"\n'
    )
    monkeypatch.setattr(spoken, "FOLDER", tmp_path)
    languages.cache_clear()
    try:
        assert preferred(["de-AT"]) == "de"
        page = house.client.get("/", headers={"Accept-Language": "de"}).get_data(as_text=True)
        assert ">Jetzt</a>" in page
        assert ">History</a>" in page, "what is not translated stays in the source's language"
        assert Language("de").decimal_mark == ","
        speak("de")
        assert (gettext("Now"), ngettext("%(num)s meter", "%(num)s meters", 3)) == ("Jetzt", "3 Zähler")
    finally:
        languages.cache_clear()


def test_what_the_doctor_says_is_translated_with_its_values(house):
    house.run({"turbine": "silent"})
    page = house.client.get("/health?language=pt").get_data(as_text=True)
    assert "Medidor turbine: sem resposta" in page
    assert "veja a alimentação e a fiação do medidor" in page
    speak("pt")
    assert said("last reading 3.2 s ago, 86400 since start, 2 slots missed") == (
        "última leitura há 3.2 s, 86400 desde o início, 2 perdidas"
    )
    assert said("/dev/meter, 19200 8N2, in use 18%") == "/dev/meter, 19200 8N2, em uso 18%"
    assert said("what nobody has translated: 100 %") == "what nobody has translated: 100 %"


def test_every_reason_against_a_picture_is_known_to_the_page():
    assert set(PICTURE) == set(SENTENCES.values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("glare: A reflection lies over the digits: tilt the camera, or shade the glass.",
         "glare: Há um reflexo sobre os dígitos: incline a câmera ou faça sombra no vidro."),
        ("1.8.0: goes back from 5200.1 to 5100 kWh; 2.8.0: was not seen",
         "1.8.0: volta de 5200.1 para 5100 kWh; 2.8.0: não foi visto"),
        ("dark: It is too dark to see digits; give the display light.",
         "dark: Está escuro demais para ver dígitos; ilumine o visor."),
        ("frames disagree: 123.4, 123.5", "as imagens não concordam: 123.4, 123.5"),
        ("what nobody knows: <b>", "what nobody knows: <b>"),
    ],
)  # fmt: skip
def test_why_a_picture_does_not_count_is_told_in_the_reader_s_language(text, told):
    speak("pt")
    assert doubt(text) == told

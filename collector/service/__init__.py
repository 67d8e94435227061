"""Puts the rooms together: the composition root of the daemon; nothing else wires things together."""

from collector.service.alerting import alert
from collector.service.insight import compute as compute_insights
from collector.service.maintain import columns_of, maintain
from collector.service.run import run

__all__ = ["alert", "columns_of", "compute_insights", "maintain", "run"]

-- What people did at the page is found among what happened to the logger without reading all of it.

CREATE INDEX IF NOT EXISTS event_kind ON event (kind, time);

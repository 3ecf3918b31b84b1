#!/usr/bin/env python3
"""Counts detections by technique, from the journal's first event on, and says so every hundred."""

from collections import Counter

from casus_client import fields, log, main


def count(bus):
    seen = Counter()
    number = 0
    for event in bus.subscribe(["casus.detection.v1"], start="earliest"):
        number += 1
        seen.update(technique["id"] for technique in event.data["techniques"])
        if number % 100 == 0:
            most = " ".join(f"{id}:{times}" for id, times in seen.most_common(5))
            log.info("counted%s", fields(detections=number, sequence=event.sequence, most=most))
            bus.health("ok", f"{number} detections")


main(count, program="example-counter", version="1.0.0", summary="Counts detections by technique.",
     subscribes=["casus.detection.v1"])

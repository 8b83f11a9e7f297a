#!/usr/bin/env python3
"""Writes occurrences.txt: what dateutil makes of recurrences, as a second opinion on this crate.

Each line holds the recurrence as the protocol writes it (kind, interval, days, day, week, month, first day, end), the local start,
and the first local starts. Run: ./generate.py > occurrences.txt
"""
import datetime as dt
import random

from dateutil import rrule

random.seed(16)
DAYS = [rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA]
MOST = 12


def weekdays(mask):
    return [day for bit, day in enumerate(DAYS) if mask >> bit & 1]


def dates(day):
    # A day that a month does not have is its last one.
    return (list(range(28, day + 1)), -1) if day > 28 else (day, None)


def occurrences(r):
    start = r["start"]
    options = {"dtstart": start, "interval": r["interval"], "wkst": DAYS[r["first"]]}
    if r["kind"] == 0:
        options |= {"freq": rrule.DAILY}
        if r["days"]:
            options |= {"byweekday": weekdays(r["days"])}
    if r["kind"] == 1:
        options |= {"freq": rrule.WEEKLY, "byweekday": weekdays(r["days"])}
    if r["kind"] in (2, 3):
        options |= {"freq": rrule.MONTHLY}
    if r["kind"] in (5, 6):
        options |= {"freq": rrule.YEARLY, "bymonth": r["month"]}
    if r["kind"] in (2, 5):
        day, position = dates(r["day"])
        options |= {"bymonthday": day, "bysetpos": position}
    if r["kind"] in (3, 6):
        options |= {"byweekday": weekdays(r["days"]), "bysetpos": -1 if r["week"] == 5 else r["week"]}
    end = r["end"]
    if end.startswith("count"):
        options |= {"count": int(end[5:])}
    if end.startswith("until"):
        options |= {"until": dt.datetime.strptime(end[5:], "%Y%m%dT%H%M%S")}
    found = []
    for moment in rrule.rrule(**options):
        if len(found) == MOST:
            break
        found.append(moment)
    return found


def recurrence(kind):
    start = dt.datetime(2024, 1, 1) + dt.timedelta(
        days=random.randrange(1200), hours=random.randrange(24), minutes=15 * random.randrange(4))
    r = {"kind": kind, "interval": random.choice([1, 1, 1, 2, 3, 5]), "days": 0, "day": 0, "week": 0, "month": 0,
         "first": random.choice([0, 1, 6]), "start": start}
    if kind == 0 and random.random() < 0.3:
        r["days"] = random.randint(1, 127)
        r["interval"] = random.choice([1, 2, 3])
    if kind in (1, 3, 6):
        r["days"] = random.choice([1, 2, 4, 8, 16, 32, 64, 62, 65, 127, random.randint(1, 127)])
    if kind in (2, 5):
        r["day"] = random.choice([1, 15, 28, 29, 30, 31])
    if kind in (3, 6):
        r["week"] = random.randint(1, 5)
    if kind in (5, 6):
        r["month"] = random.choice([1, 2, 2, 6, 12])
    end = random.choice(["never", "count", "until"])
    if end == "count":
        end += str(random.randint(1, 20))
    if end == "until":
        end += (start + dt.timedelta(days=random.randint(1, 900))).strftime("%Y%m%dT%H%M%S")
    r["end"] = end
    return r


for kind in (0, 1, 2, 3, 5, 6):
    for _ in range(60):
        r = recurrence(kind)
        stamps = ",".join(moment.strftime("%Y%m%dT%H%M%S") for moment in occurrences(r))
        print(r["kind"], r["interval"], r["days"], r["day"], r["week"], r["month"], r["first"], r["end"],
              r["start"].strftime("%Y%m%dT%H%M%S"), stamps or "-")

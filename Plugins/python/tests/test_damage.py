"""The damage estimator as a fold: bounds, determinism, marks, revisions, and the schema of all that it says."""

import itertools
import json
import random
import tempfile
import unittest
from pathlib import Path

from casus_client import ConfigurationError, MissingFile, SourceShelf
from casus_client.events import DESCENDS, EXERCISE, REPLAYED
from damage.bounds import Bound
from damage.facts import NAMES, Report, facts
from damage.plausibility import implausible, left_out, without_implausible
from damage.policy import read_policy
from damage.scales import eurepoc, ppd41, unknowns
from damage.totals import Figure, Total
from damage_estimator import DamageEstimator
from tests.samples import effect, effect_data, incident, recorded, reference, technique, validator
from tests.vectors import vectors

POLICY = read_policy()
PPD41 = ppd41(POLICY.content["ppd41"])
FAULTS = validator()

HARMLESS = {"casualties": {"deaths": {"value": 0}, "injured": {"value": 0}}, "physical_damage": {"extent": "none"}}


def run(events, source="//us.exercise/damage"):
    estimator = DamageEstimator(source, POLICY)
    texts = [text for number, event in enumerate(events) for text in estimator.handle(recorded(number + 1, event))]
    if FAULTS is not None:
        for text in texts:
            assert FAULTS(text) == [], FAULTS(text)
    return texts


def data(text):
    return json.loads(text)["data"]


def scale(text, id):
    return next(result for result in data(text)["scales"] if result["scale"] == id)


def level(text):
    found = scale(text, "ppd41")["level"]
    return found["low"], found["high"]


def score(text):
    found = scale(text, "eurepoc")["score"]["interval"]
    return found["low"], found["high"]


def bounds_of(reports=(), **members):
    content = json.loads(incident(**members))["data"]
    return facts(content, [Report(found, {}) for found in reports], POLICY.content)


class Plausibility(unittest.TestCase):
    def test_what_cannot_be_is_named_as_in_swift_and_left_out(self):
        for vector in vectors("plausibility.json")["effects"]:
            with self.subTest(implausible=vector["implausible"]):
                self.assertEqual([str(figure) for figure in implausible(vector["data"])], vector["implausible"])
                self.assertEqual(without_implausible(vector["data"]), vector.get("left", vector["data"]))
                self.assertEqual(implausible(vector.get("left", vector["data"])), [])

    def test_of_many_the_last_reason_stands_for_the_rest(self):
        for vector in vectors("plausibility.json")["reasons"]:
            self.assertEqual(left_out(vector["effects"], vector["room"]), vector["lines"])
        reports = [effect(f"o{number}", users_affected={"value": 9_000_000_000}) for number in range(20)]
        text = run([*reports, incident(effects=[reference(report) for report in reports])])[-1]
        reasons = data(text)["confidence"]["reasons"]
        self.assertEqual((len(reasons), reasons[-1]), (12, "And 11 more like the last."))

    def test_no_estimate_is_made_of_an_outlier(self):
        def judged(**more):
            report = effect("o", **more)
            return run([report, incident(effects=[reference(report)])])[-1]

        plain, lied = judged(), judged(users_affected={"value": 9_000_000_000})
        self.assertEqual(level(lied), level(plain))
        self.assertTrue(any("Left out as implausible: users" in reason for reason in data(lied)["confidence"]["reasons"]))


class Totals(unittest.TestCase):
    def test_reports_together_say_what_swift_makes_of_them(self):
        found = vectors("totals.json")["totals"]
        self.assertGreater(len(found), 30)
        for vector in found:
            figures = []
            for report in vector["reports"]:
                content = report["data"]
                said = {
                    "users": content.get("users_affected"), "records": content.get("records_affected"),
                    "money": content.get("money", {}).get("amount"), **content.get("casualties", {}),
                }.get(vector["quantity"])
                if said and (vector["quantity"] != "money" or content["money"]["currency"] == vector["currency"]):
                    figures.append(Figure.read(content, report["source"], report["first"], said))
            total = Total(vector["quantity"], figures, vector.get("currency"))
            with self.subTest(about=vector["about"]):
                self.assertEqual([total.value, total.low, total.high], [vector["value"], vector["low"], vector["high"]])
                self.assertEqual(total.notes, vector["notes"])
                self.assertEqual([excess.line for excess in total.excesses], vector["left_out"])

    def test_one_operator_counts_once_whoever_tells_of_it(self):
        users = {"users_affected": {"value": 30000, "low": 20000, "high": 35000}}
        mine = effect("EXERCISE-1", **users)
        copies = [effect(f"EXERCISE-{number}", source=f"//us{number}.exercise/outage", **users) for number in range(9)]
        text, = run([mine, *copies, incident(effects=[reference(report) for report in (mine, *copies)])])
        reach = next(found for found in scale(text, "ppd41")["inputs"] if found["name"] == "reach")
        self.assertEqual((reach["low"], reach["high"]), (0, 0))
        self.assertIn("users: 100 % by several sources", reach["basis"])

    @staticmethod
    def reach(reports):
        text, = run([*reports, incident(effects=[reference(report) for report in reports])])
        return text, next(found for found in scale(text, "ppd41")["inputs"] if found["name"] == "reach")

    def test_a_later_account_of_another_agency_takes_nothing_from_what_is_established(self):
        mine = effect("EXERCISE-1", users_affected={"value": 30_000_000}, nation="JP", **HARMLESS)
        denials = [effect(f"EXERCISE-{number}", source=f"//evil.low/p{number}", nation="JP",
                          users_affected={"value": 0}, **HARMLESS) for number in (2, 3, 4)]
        alone, established = self.reach([mine])
        self.assertEqual((established["low"], established["high"]), (1, 1))
        for count in (1, 3):
            text, disputed = self.reach([mine, *denials[:count]])
            self.assertEqual((disputed["low"], disputed["high"]), (1, 1))
            self.assertEqual(level(text)[0], level(alone)[0])
            self.assertIn("30000000 users", disputed["basis"])
            self.assertIn("2 sources differ on EXERCISE Power, 0 to 30000000", disputed["basis"])

    def test_a_total_that_was_left_out_leaves_what_others_say_of_the_operator(self):
        mine = effect("EXERCISE-1", users_affected={"value": 30_000}, nation="JP", **HARMLESS)
        same = effect("EXERCISE-2", source="//jp.exercise/outage", users_affected={"value": 30_000}, nation="JP", **HARMLESS)
        lie = effect("EXERCISE-3", source="//evil.low/p1", users_affected={"value": 300_000_000}, nation="US", **HARMLESS)
        text, reach = self.reach([mine, same, lie])
        self.assertEqual((reach["low"], reach["high"], reach.get("selected")), (0, 0, self.reach([mine, same])[1].get("selected")))
        self.assertTrue(reach["basis"].endswith("more than can be was left out"), reach["basis"])
        line = "Left out as implausible together: users 300000000 in JP, of at most 124000000; 1 figure of //evil.low/p1."
        self.assertIn(line, data(text)["confidence"]["reasons"])

    def test_people_come_in_whole_numbers(self):
        report = effect("EXERCISE-1", **{**HARMLESS, "casualties": {"deaths": {"value": 5e-324}, "injured": {"value": 0.4}}})
        text, = run([report, incident(effects=[reference(report)])])
        lives = next(found for found in scale(text, "ppd41")["inputs"] if found["name"] == "lives")
        self.assertEqual((lives["low"], lives["high"]), (0, 0))

    def test_many_plausible_reports_by_one_key_are_no_nation_several_times_over(self):
        flood = [effect(f"EXERCISE-{number}", source="//evil.low/p1", operator=f"EXERCISE {number}", nation="JP",
                        users_affected={"value": 100_000_000}) for number in range(40)]
        text, = run([*flood, incident(effects=[reference(report) for report in flood])])
        reach = next(found for found in scale(text, "ppd41")["inputs"] if found["name"] == "reach")
        self.assertTrue(reach["basis"].endswith("more than can be was left out"), reach["basis"])
        self.assertIn("100000000 users", reach["basis"])
        self.assertEqual(len(reach["refs"]), 1)
        line = "Left out as implausible together: users 4000000000 in JP, of at most 124000000; 39 figures of //evil.low/p1."
        self.assertIn(line, data(text)["confidence"]["reasons"])


class Memory(unittest.TestCase):
    def estimator(self):
        return DamageEstimator("//us.exercise/damage", POLICY, most_effects=20, most_incidents=10)

    def test_a_flood_is_forgotten_before_others_reports(self):
        fold = self.estimator()
        report = effect("EXERCISE-honest", **HARMLESS)
        fold.handle(recorded(1, report))
        last = None
        for number in range(300):
            more = {"supersedes": last} if number % 2 else {}
            flood = effect(f"x{number}", source="//evil.low/p1", **more)
            last = reference(flood)
            fold.handle(recorded(2 + number, flood))
            name = {"incident": f"x{number}"}
            fold.handle(recorded(2 + number, incident(source="//evil.low/p1", **name)))
        self.assertLessEqual(len(fold), 20 + 2 + 10 + 1)
        self.assertIsNone(fold.note)
        first, = fold.handle(recorded(400, incident(effects=[reference(report)])))
        self.assertEqual([ref["id"] for ref in data(first)["refs"][1:]], ["EXERCISE-honest"])
        gone = reference(effect("x0", source="//evil.low/p1"))
        second, = fold.handle(recorded(401, incident(2, effects=[reference(report), gone])))
        self.assertEqual(data(second)["supersedes"], reference(first))
        self.assertIn("1 reports that are not here any more", fold.note)
        self.assertIn("most of evil.low/p1", fold.note)

    def test_what_a_report_has_replaced_leads_to_it_as_long_as_it_is_kept(self):
        fold = self.estimator()
        first = effect("EXERCISE-1")
        second = effect("EXERCISE-2", supersedes=reference(first))
        third = effect("EXERCISE-3", supersedes=reference(second))
        lie = effect("EXERCISE-4", supersedes={**reference(third), "sha256": reference(first)["sha256"]})
        for number, text in enumerate((first, second, third, lie)):
            fold.handle(recorded(1 + number, text))
        text, = fold.handle(recorded(9, incident(effects=[reference(first)])))
        self.assertEqual([ref["id"] for ref in data(text)["refs"][1:]], ["EXERCISE-3"])

    def test_shelves_keep_and_forget_what_swifts_do(self):
        for vector in vectors("shelf.json")["shelves"]:
            shelf = SourceShelf(vector["capacity"])
            for number, step in enumerate(vector["steps"]):
                if len(step) == 1:
                    shelf.remove(step[0])
                else:
                    shelf.insert(number, *step)
            self.assertEqual(list(shelf), vector["left"])
            self.assertEqual((shelf.fallen.by_sender, shelf.fallen.note("reports")), (vector["fallen"], vector.get("note")))


class Bounds(unittest.TestCase):
    def test_what_no_report_says_stays_open_up_to_the_worst(self):
        found = bounds_of([effect_data()])
        for name in ("lives", "physical", "physical_duration"):
            self.assertEqual((found[name].low, found[name].high), (0, 2), name)
        self.assertEqual((found["availability"].low, found["availability"].high), (2, 2))
        self.assertEqual((found["reach"].low, found["reach"].high), (0, 1))

    def test_what_a_report_denies_is_excluded(self):
        found = bounds_of([effect_data(**HARMLESS)])
        for name in ("lives", "physical", "physical_duration"):
            self.assertEqual((found[name].low, found[name].high), (0, 0), name)

    def test_a_report_with_an_unknown_cause_counts_in_the_worst_case_only_and_an_accident_not_at_all(self):
        found = bounds_of([effect_data(cause="unknown")])
        self.assertEqual((found["availability"].low, found["availability"].high), (0, 2))
        found = bounds_of([effect_data(cause="natural-phenomenon"), effect_data(kind="degradation")])
        self.assertEqual((found["availability"].low, found["availability"].high), (1, 1))

    def test_users_and_megawatts_of_all_reports_add_up_to_a_wide_scale(self):
        users = [effect_data(operator=f"EXERCISE {number}", users_affected={"value": 30000, "low": 20000, "high": 35000})
                 for number in range(2)]
        found = bounds_of(users)["reach"]
        self.assertEqual((found.low, found.high), (0, 1))
        power = effect_data(capacity_lost=[{"amount": {"value": 300}, "unit": "MW"}])
        self.assertEqual(bounds_of([power])["reach"][:2], (1, 1))
        few = effect_data(users_affected={"value": 10})
        self.assertEqual(bounds_of([few])["reach"][:2], (0, 0))
        self.assertEqual(bounds_of([few, effect_data()])["reach"][:2], (0, 1))

    def test_a_day_is_the_border_between_short_and_long(self):
        for members, expected in (
            ({"ended": "2026-01-06T07:59:59.999999999Z"}, (1, 1)), ({"ended": "2026-01-06T08:00:00Z"}, (2, 2)),
            ({}, (1, 2)), ({"reported": "2026-01-06T08:00:00Z"}, (2, 2)), ({"kind": "data-theft"}, (0, 0)),
            ({"kind": "other"}, (0, 2)),
        ):
            self.assertEqual(bounds_of([effect_data(**members)])["duration"][:2], expected, members)

    def test_the_phase_bounds_what_sensors_cannot_exclude(self):
        self.assertEqual([name for name, bound in bounds_of(phase="engage").items() if not bound.is_known], ["importance"])
        found = bounds_of(phase="presence", techniques=[technique("T1021", 0.9)])
        self.assertEqual((found["control"][:2], found["theft"][:2], found["availability"][:2]), ((1, 2), (0, 2), (0, 0)))
        found = bounds_of(phase="presence", techniques=[technique("T0855", 0.8), technique("T1041.001", 0.5)])
        self.assertEqual((found["control"][:2], found["theft"][:2]), ((2, 2), (0, 2)))
        self.assertEqual(bounds_of(phase="presence", techniques=[technique("T1041", 0.9)])["theft"][:2], (1, 2))

    def test_a_report_alone_says_nothing_of_an_intruder(self):
        found = bounds_of([effect_data()])["control"]
        self.assertEqual((found.low, found.high), (0, 2))
        self.assertEqual(bounds_of([effect_data()], techniques=[technique("T1021", 0.9)])["control"][:2], (1, 2))

    def test_critical_infrastructure_is_a_sector_or_an_essential_service(self):
        self.assertEqual(bounds_of(sectors=[])["critical"][:2], (0, 1))
        self.assertEqual(bounds_of(sectors=[], victims=[{"operator": "E", "essential": False}])["critical"][:2], (0, 0))
        self.assertEqual(bounds_of(sectors=[], victims=[{"operator": "E", "essential": True}])["critical"][:2], (1, 1))
        self.assertEqual(bounds_of([effect_data(sector="jp:gas")], sectors=[])["critical"][:2], (1, 1))


class Scales(unittest.TestCase):
    def every_world(self, scale):
        return (dict(zip(scale.inputs, values))
                for values in itertools.product(*(range(len(NAMES[name])) for name in scale.inputs)))

    def test_no_scale_ever_falls_when_an_input_rises(self):
        for scale in (PPD41, eurepoc()):
            for world in self.every_world(scale):
                value = scale.function(world)
                for name in scale.inputs:
                    if world[name] + 1 < len(NAMES[name]):
                        self.assertGreaterEqual(scale.function({**world, name: world[name] + 1}), value)

    def test_the_bounds_hold_every_world_that_is_not_excluded(self):
        source = random.Random(7)
        for scale in (PPD41, eurepoc()):
            for _ in range(300):
                bounds = {}
                for name in scale.inputs:
                    low, high = sorted(source.randrange(len(NAMES[name])) for _ in range(2))
                    bounds[name] = Bound(low, high, "EXERCISE")
                low, high = scale.bounds(bounds)
                found = [scale.function({name: source.randint(*bounds[name][:2]) for name in scale.inputs})
                         for _ in range(20)]
                self.assertTrue(all(low <= value <= high for value in found))

    def test_every_level_of_ppd41_can_be_reached(self):
        self.assertEqual({PPD41.function(world) for world in self.every_world(PPD41)}, set(range(6)))

    def test_eurepoc_adds_its_points_and_weighs_political_importance(self):
        worst = {name: len(NAMES[name]) - 1 for name in NAMES}
        self.assertEqual(eurepoc().function(worst), 15)
        self.assertEqual(eurepoc().function({**worst, "importance": 0}), 10)
        self.assertEqual(eurepoc().function({**dict.fromkeys(NAMES, 0), "duration": 1, "importance": 1}), 1.5)

    def test_the_unknown_that_would_narrow_most_comes_first(self):
        bounds = {name: Bound(0, 0, "EXERCISE") for name in NAMES}
        bounds.update(lives=Bound(0, 2, "EXERCISE"), theft=Bound(0, 1, "EXERCISE"))
        self.assertEqual(unknowns([PPD41, eurepoc()], bounds), [("theft", ["ppd41", "eurepoc"]), ("lives", ["ppd41"])])
        self.assertEqual(unknowns([PPD41, eurepoc()], {name: Bound(0, 0, "") for name in NAMES}), [])


class Assessments(unittest.TestCase):
    def test_each_revision_is_assessed_once_and_supersedes_the_one_before(self):
        report = effect("EXERCISE-1", **HARMLESS)
        texts = run([incident(1, phase="engage"), report, incident(2, [reference(report)]),
                     incident(2, [reference(report)]), incident(1)])
        self.assertEqual([data(text)["revision"] for text in texts], [1, 2])
        self.assertNotIn("supersedes", data(texts[0]))
        self.assertEqual(data(texts[1])["supersedes"], reference(texts[0]))
        self.assertEqual((level(texts[0]), level(texts[1])), ((1, 1), (4, 5)))
        self.assertEqual(data(texts[1])["outlook"], "worsening")
        self.assertEqual(data(texts[1])["refs"][1], reference(report))

    def test_the_same_events_give_the_same_bytes_and_the_source_follows_the_identity(self):
        report = effect("EXERCISE-1", users_affected={"value": 80000})
        events = [report, incident(1, [reference(report)]), incident(2, [reference(report)], phase="presence")]
        self.assertEqual(run(events), run(events))
        other = run(events, source="//jp.exercise/other")
        self.assertEqual([json.loads(text)["source"] for text in other], ["//jp.exercise/other"] * 2)

    def test_marks_are_at_least_as_strict_as_those_of_every_input(self):
        report = effect("EXERCISE-1", tlp="AMBER+STRICT", exercise=True)
        text, = run([report, incident(1, [reference(report)], tlp="GREEN", exercise=False)])
        envelope = json.loads(text)
        self.assertEqual((envelope["tlp"], envelope["exercise"]), ("AMBER+STRICT", True))
        envelope = json.loads(run([incident(1, exercise=False, tlp="CLEAR")])[0])
        self.assertEqual((envelope["tlp"], envelope.get("exercise", False)), ("CLEAR", False))

    def test_the_time_is_the_latest_of_the_inputs(self):
        report = effect("EXERCISE-1", time="2026-01-05T12:00:00.5+00:00")
        text, = run([report, incident(1, [reference(report)])])
        self.assertEqual(json.loads(text)["time"], "2026-01-05T12:00:00.5Z")

    def test_a_later_report_counts_in_the_place_of_the_one_it_supersedes(self):
        first = effect("EXERCISE-1")
        second = effect("EXERCISE-2", kind="degradation", supersedes=reference(first), **HARMLESS)
        text, = run([first, second, incident(1, [reference(first)], sectors=[], victims=[
            {"operator": "EXERCISE", "essential": False}])])
        self.assertEqual([ref["id"] for ref in data(text)["refs"][1:]], ["EXERCISE-2"])
        self.assertEqual(level(text)[0], 2)
        for source, counted in (("//us.exercise/else", "EXERCISE-3"), ("//us.exercises/outage", "EXERCISE-1"),
                                ("//jp.exercise/outage", "EXERCISE-1")):
            with self.subTest(source=source):
                other = effect("EXERCISE-3", source=source, kind="other", supersedes=reference(first))
                text, = run([first, other, incident(1, [reference(first)])])
                self.assertEqual([ref["id"] for ref in data(text)["refs"][1:]], [counted])

    def test_a_correction_takes_the_place_of_a_report_of_its_own_world_only(self):
        real, mended = effect("EXERCISE-1", exercise=False), ("EXERCISE-2", 0)
        for marks in (EXERCISE, REPLAYED, DESCENDS):
            for corrections, counted in (
                ([("EXERCISE-3", marks)], "EXERCISE-1"), ([mended, ("EXERCISE-3", marks)], "EXERCISE-2"),
                ([("EXERCISE-3", marks), mended], "EXERCISE-2"),
            ):
                fold = DamageEstimator("//jp.exercise/damage", POLICY)
                fold.handle(recorded(1, real))
                for id, flags in corrections:
                    text = effect(id, supersedes=reference(real), exercise=bool(flags & EXERCISE))
                    fold.handle(recorded(2, text, flags=flags))
                found, = fold.handle(recorded(3, incident(1, [reference(real)], exercise=False)))
                with self.subTest(marks=marks, corrections=corrections):
                    self.assertEqual([ref["id"] for ref in data(found)["refs"][1:]], [counted])
        fold = DamageEstimator("//jp.exercise/damage", POLICY)
        for text in (effect("EXERCISE-1"), effect("EXERCISE-2", supersedes=reference(effect("EXERCISE-1")))):
            fold.handle(recorded(1, text, flags=EXERCISE))
        found, = fold.handle(recorded(3, incident(1, [reference(effect("EXERCISE-1"))]), flags=EXERCISE))
        self.assertEqual([ref["id"] for ref in data(found)["refs"][1:]], ["EXERCISE-2"])

    def test_an_incident_is_its_first_correlators_and_stays_in_its_world(self):
        fold = DamageEstimator("//jp.exercise/damage", read_policy())
        first = recorded(1, incident(1), flags=EXERCISE)
        self.assertEqual(len(fold.handle(first)), 1)
        self.assertEqual(fold.handle(recorded(2, incident(2, source="//us.exercise/else"), flags=EXERCISE)), [])
        self.assertEqual(fold.handle(recorded(3, incident(2), flags=0)), [])
        self.assertEqual(len(fold.handle(recorded(4, incident(2), flags=EXERCISE))), 1)

    def test_a_withdrawn_report_counts_for_nothing(self):
        first = effect("EXERCISE-1")
        taken_back = effect("EXERCISE-2", supersedes=reference(first), withdrawal="EXERCISE: a false alarm")
        text, = run([first, taken_back, incident(1, [reference(first)], phase="engage")])
        self.assertEqual(level(text), (1, 1))
        taken_back = effect("EXERCISE-2", supersedes=reference(first), withdrawal="EXERCISE: a slip",
                            users_affected={"value": 9_000_000_000})
        text, = run([first, taken_back, incident(1, [reference(first)], phase="engage")])
        self.assertFalse(any("implausible" in reason for reason in data(text)["confidence"]["reasons"]))

    def test_a_report_that_was_not_seen_or_not_named_leaves_everything_open(self):
        unseen = reference(effect("EXERCISE-1"))
        text, = run([incident(1, [unseen], phase="engage")])
        self.assertEqual(level(text), (1, 5))
        self.assertIn("lives", [found["name"] for found in data(text)["unknown_inputs"]])
        forged = {**reference(effect("EXERCISE-1")), "sha256": "0" * 64}
        text, = run([effect("EXERCISE-1", **HARMLESS), incident(1, [forged], phase="engage")])
        self.assertEqual(level(text), (1, 5))
        text, = run([incident(1, [], phase="engage", effect_count=3)])
        self.assertEqual(level(text), (1, 5))
        self.assertIn("at least: 3 more reports are not counted", str(scale(text, "ppd41")["inputs"]))
        reason = "3 more reports are not counted, since the incident does not name them: what is established is a lower bound."
        self.assertIn(reason, data(text)["confidence"]["reasons"])

    def test_a_retracted_incident_has_no_damage(self):
        texts = run([incident(1), incident(2, state="retracted", retraction="EXERCISE")])
        self.assertEqual((level(texts[1]), score(texts[1])), ((0, 0), (0, 0)))
        self.assertEqual(data(texts[1])["unknown_inputs"], [])

    def test_services_that_come_back_within_six_hours_are_an_improving_outlook(self):
        soon = effect("EXERCISE-1", expected_restoration="2026-01-05T15:59:59Z")
        late = effect("EXERCISE-1", expected_restoration="2026-01-05T23:00:00Z")
        for report, expected in ((soon, "improving"), (late, "stable"), (effect("EXERCISE-1"), "stable")):
            self.assertEqual(data(run([report, incident(1, [reference(report)])])[0])["outlook"], expected)
        self.assertEqual(data(run([incident(1)])[0])["outlook"], "unknown")

    def test_a_known_answer_closes_the_interval(self):
        report = effect("EXERCISE-1", users_affected={"value": 100}, ended="2026-01-05T10:00:00Z",
                        service={"name": "EXERCISE", "denied": True}, **HARMLESS)
        text, = run([report, incident(1, [reference(report)], techniques=[technique("T0855", 0.95)])])
        self.assertEqual(level(text), (4, 4))
        self.assertEqual(score(text), (3, 7.5))
        self.assertEqual([found["name"] for found in data(text)["unknown_inputs"]], ["theft", "importance"])
        self.assertEqual(data(text)["unknown_inputs"][1]["question"],
                         "Is the target of very high political importance? A person decides.")

    @unittest.skipIf(FAULTS is None, "PyPI's jsonschema is not installed: nothing is checked against the schemas")
    def test_whatever_comes_in_what_goes_out_keeps_its_schema(self):
        source = random.Random(3)
        kinds = ["outage", "degradation", "loss-of-control", "loss-of-view", "data-loss", "data-theft",
                 "physical-damage", "other"]
        causes = ["system-failure", "malicious-action", "unknown", "human-error"]
        for _ in range(30):
            events, refs = [], []
            for number in range(source.randrange(300)):
                members = {"kind": source.choice(kinds), "cause": source.choice(causes),
                           "operator": "EXERCISE " + "x" * source.randrange(240)}
                if source.random() < 0.3:
                    members["users_affected"] = {"value": source.random() * 1e6}
                if source.random() < 0.3:
                    members["physical_damage"] = {"extent": source.choice(["none", "local", "widespread", "unknown"])}
                if source.random() < 0.2 and events:
                    members["supersedes"] = reference(events[-1])
                if source.random() < 0.1:
                    members["withdrawal"] = "EXERCISE"
                report = effect(f"EXERCISE-{number}", **members)
                events.append(report)
                refs.append(reference(report))
            techniques = [technique(id, source.random()) for id in source.sample(
                ["T0855", "T1041", "T1485", "T0879", "T1566", "T0836.001"], 3)]
            for revision in range(1, 4):
                event = incident(revision, refs[:256], techniques=techniques, effect_count=len(refs),
                                 phase=source.choice(["prepare", "engage", "presence", "effect"]))
                self.assertEqual(FAULTS(event), [])
                events.append(event)
            texts = run(events)
            self.assertEqual(len(texts), 3)
            self.assertTrue(all(len(text) < 65536 for text in texts))


class Policies(unittest.TestCase):
    def test_a_policy_file_is_checked_and_its_digest_stands_in_the_assessment(self):
        self.assertEqual(data(run([incident(1)])[0])["method"]["parameters_sha256"], POLICY.sha256)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "policy.json"
            with self.assertRaises(MissingFile):
                read_policy(str(path))
            for change in ({"author": ""}, {"ppd41": [{"level": 1, "when": {}, "why": ""}, {"level": 2}]},
                           {"wide_scale": {"users": 0, "megawatts": 1}}, {"techniques": {}},
                           {"ppd41": [{"level": 1, "when": {"lives": 3}, "why": "x"}]},
                           {"technique_probability": {"seen_from": 0.1, "possible_from": 0.2}}):
                path.write_text(json.dumps({**POLICY.content, **change}), encoding="utf-8")
                with self.subTest(change=change), self.assertRaises(ConfigurationError):
                    read_policy(str(path))
            path.write_text("[]", encoding="utf-8")
            with self.assertRaises(ConfigurationError):
                read_policy(str(path))


if __name__ == "__main__":
    unittest.main()

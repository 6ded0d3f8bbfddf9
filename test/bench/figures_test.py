# SPDX-License-Identifier: PostgreSQL
"""Of what is computed from samples, without a server: python3 -m unittest figures_test"""
import unittest

import report
from bench import PARTS, read_arguments
from figures import Figure, Ratio, Sample, Threshold, exit_code, judge, percentile, ratio_figures, variant_figures
from thresholds import RATIOS, THRESHOLDS
from workbench import rotated


def samples(**seconds_of_rounds):
    """samples(update=[8, 9], fill=[2, 3]): two rounds of part narrow."""
    return [Sample("narrow", str(number), variant, {"seconds": float(value)})
            for variant, values in seconds_of_rounds.items() for number, value in enumerate(values) if value is not None]


UPDATE_TO_FILL = Ratio("narrow", "seconds", "update", "fill")
AT_LEAST_FOUR = Threshold("narrow.update/fill.seconds", ">=", 4)


class Figures(unittest.TestCase):
    def test_median_and_range_of_a_variant(self):
        figure, = variant_figures(samples(fill=[5, 1, 2]))
        self.assertEqual(figure, Figure("narrow.fill.seconds", "s", 2, 1, 5, 3))

    def test_ratios_are_made_within_a_round(self):
        # The median of the ratios 10, 1, 4; the ratio of the medians would be 2.
        figure, = ratio_figures(samples(update=[10, 2, 8], fill=[1, 2, 2]), [UPDATE_TO_FILL])
        self.assertEqual((figure.value, figure.low, figure.high, figure.count), (4, 1, 10, 3))

    def test_a_round_without_one_side_is_left_out(self):
        figure, = ratio_figures(samples(update=[10, None, 8], fill=[1, 2, 2]), [UPDATE_TO_FILL])
        self.assertEqual((figure.value, figure.count), (7, 2))

    def test_no_ratio_to_zero_or_to_nothing(self):
        self.assertEqual(ratio_figures(samples(update=[1], fill=[0]), [UPDATE_TO_FILL]), [])
        self.assertEqual(ratio_figures(samples(update=[1]), [UPDATE_TO_FILL]), [])

    def test_ratios_keep_parts_apart(self):
        self.assertEqual(ratio_figures(samples(update=[1], fill=[1]), [Ratio("wide", "seconds", "update", "fill")]), [])

    def test_percentile_is_a_value_that_occurred(self):
        hundred = [float(value) for value in range(100, 0, -1)]
        self.assertEqual([percentile(hundred, share) for share in (0.5, 0.99, 1.0)], [50, 99, 100])
        self.assertEqual(percentile([7.0], 0.99), 7)


class Thresholds(unittest.TestCase):
    def outcome(self, threshold, value, low=None, high=None):
        name = threshold.figure
        figure = Figure(name, "x", value, value if low is None else low, value if high is None else high, 3)
        outcome, = judge([figure], [threshold], [name.split(".")[0]])
        return outcome

    def test_both_relations_and_their_edges(self):
        at_most = Threshold("wide.fill.size_growth", "<=", 1.1)
        for threshold, value, met in ((AT_LEAST_FOUR, 4, True), (AT_LEAST_FOUR, 3.99, False), (at_most, 1.1, True), (at_most, 1.11, False)):
            self.assertEqual(self.outcome(threshold, value).met, met, (threshold, value))

    def test_the_worst_round_counts_where_it_should(self):
        worst = Threshold("locks.probe.longest_lock_wait_ms", "<=", 250, worst=True)
        self.assertFalse(self.outcome(worst, 100, high=251).met)
        self.assertTrue(self.outcome(Threshold(worst.figure, "<=", 250), 100, high=251).met)

    def test_a_figure_that_is_missing_keeps_no_promise(self):
        outcome, = judge([], [AT_LEAST_FOUR], ["narrow"])
        self.assertFalse(outcome.met)
        self.assertEqual(report.outcome_line(outcome), "missed narrow.update/fill.seconds not measured >= 4")

    def test_parts_that_did_not_run_are_not_judged(self):
        self.assertEqual(judge([], [AT_LEAST_FOUR], ["wide"]), [])

    def test_exit_code(self):
        met, missed = self.outcome(AT_LEAST_FOUR, 5), self.outcome(AT_LEAST_FOUR, 3)
        self.assertEqual([exit_code(outcomes) for outcomes in ([], [met], [met, missed])], [0, 0, 1])

    def test_every_promise_and_ratio_is_of_a_part_there_is(self):
        self.assertLessEqual({threshold.part for threshold in THRESHOLDS} | {ratio.part for ratio in RATIOS}, set(PARTS))
        ratios = {ratio.name for ratio in RATIOS}
        self.assertLessEqual({threshold.figure for threshold in THRESHOLDS if "/" in threshold.figure}, ratios)


class Report(unittest.TestCase):
    def results(self):
        found = samples(update=[8, 9, 10], fill=[2, 2, 2])
        figures = variant_figures(found) + ratio_figures(found, [UPDATE_TO_FILL])
        about = {"date": "2026-01-01", "postgresql": "15.1", "machine": "2 cores", "command": "bash test/bench/run.sh", "parts": ["narrow"]}
        return {"about": about, "figures": [vars(figure) for figure in figures],
                "thresholds": [vars(outcome.threshold) | {"value": outcome.value, "met": outcome.met}
                               for outcome in judge(figures, [AT_LEAST_FOUR], ["narrow"])]}

    def test_lines(self):
        self.assertEqual(report.figure_line(Figure("a.b.seconds", "s", 1.23456, 1, 2, 3)), "a.b.seconds 1.23 s [1 to 2]")
        self.assertEqual(report.figure_line(Figure("a.b.wal_bytes", "B", 1234567.0, 1, 2, 1)), "a.b.wal_bytes 1234567 B")

    def test_tables_replace_what_stood_there_before(self):
        document = "top\n<!-- bench narrow -->\nold\n<!-- end narrow -->\nbottom\n"
        once = report.insert_tables(document, self.results())
        self.assertEqual(once, report.insert_tables(once, self.results()))
        self.assertTrue(once.startswith("top\n") and once.endswith("\nbottom\n") and "old" not in once)
        for part in ("2026-01-01, PostgreSQL 15.1, 2 cores: `bash test/bench/run.sh`", "| update | 9 |",
                     "| update/fill.seconds | 4.5 x | 4 to 5 |", "| update/fill.seconds >= 4 | 4.5 | ok |"):
            self.assertIn(part, once)

    def test_a_document_without_a_place_is_left_alone(self):
        with self.assertRaises(SystemExit):
            report.insert_tables("<!-- bench narrow -->", self.results())


class Rounds(unittest.TestCase):
    def test_every_variant_is_first_once(self):
        self.assertEqual([rotated(["a", "b", "c"], by) for by in range(4)],
                         [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]])

    def test_arguments(self):
        self.assertEqual(read_arguments(["--bindir", "x"]).parts, list(PARTS))
        self.assertEqual(read_arguments(["--bindir", "x", "wide", "wide"]).parts, ["wide"])


if __name__ == "__main__":
    unittest.main()

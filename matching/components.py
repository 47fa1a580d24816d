"""Parts of a problem that share neither a request, a person nor a tutor's limits."""

import numpy as np

from matching.part import Part
from matching.tables import Ints


def split_components(whole: Part) -> list[Ints]:
    """Positions of each connected component, largest first.

    People are the nodes: a match joins its learner to its tutor.
    """
    if not len(whole):
        return []
    learner = whole.tables.request_person[whole.request]
    helper = whole.tables.tutor_person[whole.tutor]
    label = _label_people(learner, helper, len(whole.tables.traits))[learner]
    order = np.argsort(label, kind="stable")
    borders = np.flatnonzero(np.diff(label[order])) + 1
    parts = np.split(order, borders)
    return sorted(parts, key=lambda part: (-len(part), int(part[0])))


def _label_people(one: Ints, other: Ints, count: int) -> Ints:
    """The least person number within reach of each person: minimum spreading with pointer jumping."""
    label = np.arange(count)
    while True:
        least = np.minimum(label[one], label[other])
        before = label.copy()
        np.minimum.at(label, label[one], least)
        np.minimum.at(label, label[other], least)
        label = label[label]
        while not np.array_equal(label, label[label]):
            label = label[label]
        if np.array_equal(before, label):
            return label

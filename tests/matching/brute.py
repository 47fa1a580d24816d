"""The best answer by trying everything: slow, and right by inspection."""

from matching import Checker, Match, Problem


def best_objective(problem: Problem, *, must_serve: str | None = None) -> int | None:
    """Highest objective of any answer that keeps every rule, or None if there is none."""
    checker = Checker(problem)
    options = {
        request.id: [
            match
            for tutor in problem.tutors
            for start in range(problem.horizon)
            for place in request.modalities
            if not any(checker.find_match_violations(match := Match(request.id, tutor.id, start, place)))
        ]
        for request in problem.requests
    }
    return _search(checker, options, [], must_serve)


def _search(
    checker: Checker, options: dict[str, list[Match]], chosen: list[Match], must_serve: str | None
) -> int | None:
    """Taking matches away breaks no rule but that of the pins, so a branch that breaks another is dead."""
    violations = [text for text in checker.find_violations(chosen) if not text.startswith("rule 9")]
    if violations:
        return None
    if not options:
        if any(checker.find_violations(chosen)):
            return None
        if must_serve is not None and all(match.request != must_serve for match in chosen):
            return None
        return checker.objective(chosen)
    request, *others = options
    rest = {name: options[name] for name in others}
    found = [_search(checker, rest, [*chosen, match], must_serve) for match in options[request]]
    found.append(_search(checker, rest, chosen, must_serve))
    return max((value for value in found if value is not None), default=None)

"""Objective and bound over time, drawn as SVG without any library."""

from collections.abc import Sequence

from matching import Progress

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 320, 96, 44, 34, 16
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#444}.axis{stroke:#999}.grid{stroke:#ddd}"
    ".objective{fill:none;stroke:#0b6e4f;stroke-width:2.5}.bound{fill:none;stroke:#b3541e;stroke-width:2.5}"
)


def draw_progress(title: str, trace: Sequence[Progress]) -> str:
    """Two stepped lines that close in on each other."""
    moments = [moment for moment in trace if moment.bound is not None]
    if not moments:
        moments = list(trace)
    last = max(moment.elapsed for moment in moments) or 1.0
    low = min(moment.objective for moment in moments)
    high = min(max(moment.bound or moment.objective for moment in moments), round(low * 1.25))
    span = max(1, high - low)

    def point(elapsed: float, value: int) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * elapsed / last
        return x, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (min(value, high) - low) / span

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{title}: objective and bound over time</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="20">{title}</text>',
    ]
    for step in range(5):
        value = low + span * step // 4
        _, y = point(0, value)
        lines.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>')
        x = LEFT + (WIDTH - LEFT - RIGHT) * step / 4
        lines.append(f'<text x="{x:.1f}" y="{HEIGHT - 16}" text-anchor="middle">{last * step / 4:.1f} s</text>')
    lines.append(f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    lines.append(_stepped("objective", [point(m.elapsed, m.objective) for m in moments], WIDTH - RIGHT))
    lines.append(_stepped("bound", [point(m.elapsed, m.bound or high) for m in moments], WIDTH - RIGHT))
    lines.append(f'<text x="{WIDTH - RIGHT}" y="20" text-anchor="end">bound (orange), objective (green)</text>')
    return "\n".join([*lines, "</svg>", ""])


def _stepped(name: str, points: Sequence[tuple[float, float]], end: float) -> str:
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in points[1:])
    return f'<path class="{name}" d="{path}H{end:.1f}"/>'

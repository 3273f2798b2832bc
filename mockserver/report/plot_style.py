"""How a picture of a timeline looks: on light paper, and on dark where that is preferred."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
  text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 18px; font-weight: 600; }
  .name { font-weight: 600; }
  .dim, .dim tspan { fill: #59636e; }
  .event { fill: #8250df; }
  .fault { fill: #b3261e; }
  .inside { fill: #ffffff; font-size: 11px; }
  .paper { fill: #ffffff; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .frame { stroke: #818b98; stroke-width: 1; }
  .mark { stroke: #8250df; stroke-width: 1.5; stroke-dasharray: 4 3; }
  .window { fill: #b3261e; opacity: 0.09; }
  .area { opacity: 0.22; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .goes-on { stroke-dasharray: 5 4; }
  .downloading { fill: #1d5fd1; stroke: #1d5fd1; }
  .holding { fill: #0b6e80; stroke: #0b6e80; }
  .paused { fill: #8a5a00; stroke: #8a5a00; }
  .completed { fill: #1b7a36; stroke: #1b7a36; }
  .failed { fill: #c02b2b; stroke: #c02b2b; }
  .gone { fill: #5f6670; stroke: #5f6670; }
  .area, .status { stroke: none; }
  .line { fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .dim, .dim tspan { fill: #9198a1; }
    .event { fill: #c297ff; }
    .fault { fill: #ff8f87; }
    .inside { fill: #0d1117; }
    .paper { fill: #0d1117; }
    .grid { stroke: #2f3742; }
    .frame { stroke: #656c76; }
    .mark { stroke: #c297ff; }
    .window { fill: #ff8f87; opacity: 0.14; }
    .area { opacity: 0.3; }
    .downloading { fill: #6ea8ff; stroke: #6ea8ff; }
    .holding { fill: #58c4d8; stroke: #58c4d8; }
    .paused { fill: #e3b341; stroke: #e3b341; }
    .completed { fill: #56d364; stroke: #56d364; }
    .failed { fill: #ff7b72; stroke: #ff7b72; }
    .gone { fill: #9198a1; stroke: #9198a1; }
    .area, .status { stroke: none; }
    .line { fill: none; }
  }
"""

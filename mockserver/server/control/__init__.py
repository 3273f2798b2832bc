"""The control API below `/_mock`: what a test tells a session over HTTP, in any language.

`routes` says which there are, `shapes` what goes in and comes out, the three `views` do it; `body`
and `given` read what is sent, `facts` writes what is known, `openapi` describes it all.
"""

from mockserver.server.control.mounting import mount, unanswered

__all__ = ["mount", "unanswered"]

"""A page of HTML, read as a browser's parser would read ours."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}
LOADING = {"script", "link", "img", "iframe", "object", "base"}


class Page(HTMLParser):
    """The page's elements and text; an element that is not closed in its order is a mistake."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        return [name for name, _ in self.tags].count(tag)

    def needs_nothing_else(self) -> bool:
        """Whether nothing in it runs, and nothing but itself is asked for."""
        names = [name for _, attributes in self.tags for name in attributes]
        return (
            LOADING.isdisjoint(tag for tag, _ in self.tags)
            and not any(name.startswith("on") or name == "src" for name in names)
            and all((attributes.get("href") or "#")[0] == "#" for _, attributes in self.tags)
        )

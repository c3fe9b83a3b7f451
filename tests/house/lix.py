"""LIX, the Danish and Swedish measure of how hard a text is to read (Björnsson, 1968)."""

import re
from html.parser import HTMLParser

#: Elements that end a sentence although no full stop does: a heading, a list's point, a label.
BLOCKS = (
    "p li h1 h2 h3 h4 h5 h6 dt dd td th tr label legend summary button div section article br hr option figcaption "
    "caption blockquote main header footer nav form fieldset ul ol dl table details address output"
)
#: What nobody reads, or reads as part of the running text.
SILENT = {"script", "style", "svg", "template", "title", "option"}
END = re.compile(r"[.!?:]+(?=\s|$)|\n+")
#: A full stop that ends no sentence.
SHORTENED = re.compile(r"\b(kl|nr|ca|tlf|osv|dvs|mv|f\.eks|bl\.a)\.", re.I)
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
LONG = 6
#: A line with fewer words and no full stop is a heading, a label or a button, not running text.
LABEL = 7


class _Reader(HTMLParser):
    """Takes the running text out of a page's main part."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0
        self.blocks = set(BLOCKS.split())
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self.inside += tag == "main"
        self.silent += tag in SILENT
        if tag in self.blocks:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        self.inside -= tag == "main"
        self.silent -= tag in SILENT
        if tag in self.blocks:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Take the words of the main part."""
        if self.inside and not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def running_text(html: str) -> str:
    """Give the sentences of a page's <main>, one block a line; headings, labels and buttons would only flatter it."""
    reader = _Reader()
    reader.feed(html)
    lines = "".join(reader.parts).split("\n")
    return "\n".join(line.strip() for line in lines if END.search(line.strip()) or len(WORD.findall(line)) >= LABEL)


def lix(text: str) -> float:
    """Count words a sentence plus long words (over six letters) in a hundred."""
    text = SHORTENED.sub(r"\1", text)
    words = WORD.findall(text)
    sentences = [part for part in END.split(text) if part and WORD.search(part)]
    if not words:
        return 0.0
    long_words = [word for word in words if len(word) > LONG]
    return len(words) / len(sentences) + 100 * len(long_words) / len(words)

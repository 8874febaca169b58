"""Papers as text, as the HTML snapshot of a form, as electronic mail."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import NamedTuple

from yidang.demo.papers.paper import Paper, Table


class Step(NamedTuple):
    """One step of a routing slip."""

    step: str
    who: str
    at: datetime
    opinion: str

    def as_json(self) -> dict[str, str]:
        """In the form of a submission."""
        return {"step": self.step, "who": self.who, "at": self.at.isoformat(), "opinion": self.opinion}


def text(paper: Paper, *, encoding: str = "utf-8") -> bytes:
    """The paper as plain text, in UTF-8 or in GB18030 as older systems wrote it."""
    lines = [paper.title, paper.number, "", *(f"　　{part}" for part in paper.paragraphs)]
    for table in paper.tables:
        lines += ["\t".join(row) for row in (table.head, *table.rows)]
    lines += [paper.signer, paper.signed_on]
    return "\r\n".join(line for line in lines if line is not None).encode(encoding)


def form_snapshot(
    title: str, fields: Sequence[tuple[str, str]], steps: Sequence[Step], *, system: str = "协同办公系统"
) -> bytes:
    """The form of an office system as it stood at the end, with its routing slip."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in fields)
    slip = "".join(
        f"<tr><td>{escape(step.step)}</td><td>{escape(step.who)}</td><td>{step.at:%Y-%m-%d %H:%M}</td><td>{escape(step.opinion)}</td></tr>"
        for step in steps
    )
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        "<style>body{font-family:SimSun,serif}table{border-collapse:collapse;width:100%}td,th{border:1px solid #333;padding:6px}"
        f"</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n<table>{rows}</table>\n<h2>办理过程</h2>\n"
        f"<table><tr><th>环节</th><th>办理人</th><th>时间</th><th>意见</th></tr>{slip}</table>\n<p>{escape(system)} 表单快照</p>\n</body>\n</html>\n"
    ).encode()


def mail(
    paper: Paper, *, sender: str, recipients: str, sent: datetime, attachment: tuple[str, bytes] | None = None
) -> bytes:
    """The paper as a message, perhaps with a file."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = sender
    message["To"] = recipients
    message["Subject"] = paper.title
    message["Date"] = sent
    message["Message-ID"] = f"<{sent:%Y%m%d%H%M%S}.{len(paper.title)}@renhe.example>"
    message.set_content(
        "\n\n".join([paper.addressee, *paper.paragraphs, paper.signer]).strip() + "\n", charset="utf-8", cte="base64"
    )
    if attachment is not None:
        name, content = attachment
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        message.set_boundary(f"=_renhe_{sent:%Y%m%d%H%M%S}")
    return message.as_bytes()


def as_table(fields: Sequence[tuple[str, str]]) -> Table:
    """Pairs of a name and a value as a table of four columns, as front pages have them."""
    padded = [*fields, ("", "")] if len(fields) % 2 else list(fields)
    rows = [[*padded[place], *padded[place + 1]] for place in range(0, len(padded), 2)]
    return Table(rows[0], rows[1:], (2, 4, 2, 4))

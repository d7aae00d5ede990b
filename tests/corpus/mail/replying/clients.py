"""The bodies that mail programs make of an answer above a quoted mail: text and HTML as they really nest them.

Knows no language: every word comes in a Draft. Structures as seen in mails of 2024 to 2026.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from tests.corpus.mail.replying.draft import (
    Body,
    Draft,
    added_below,
    as_divs,
    as_lines,
    header_html,
    header_text,
    marked,
    typed_html,
    wrapped,
)

Client = Callable[[Draft], Body]
_RULE = "_" * 32


def outlook_desktop(draft: Draft) -> Body:
    header = draft.header()
    text = f"{draft.written}{added_below(draft)}\n\n{header_text(header)}\n\n{draft.quoted_text}"
    paragraphs = typed_html(draft, '<p class="MsoNormal">{}<o:p></o:p></p>')
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
        '<head><meta name="Generator" content="Microsoft Word 15 (filtered medium)">'
        "<style><!-- p.MsoNormal {margin:0cm;font-size:11.0pt} --></style></head>"
        f'<body lang="DE" link="#467886"><div class="WordSection1">{paragraphs}'
        '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal">{header_html(header)}<o:p></o:p></p></div></div>'
        f'<p class="MsoNormal"><o:p>&nbsp;</o:p></p>{draft.quoted_html}</div></body></html>'
    )
    return text, html


def outlook_web(draft: Draft) -> Body:
    header = draft.header()
    text = f"{draft.written}{added_below(draft)}\n{_RULE}\n{header_text(header)}\n\n{draft.quoted_text}"
    style = "font-family: Aptos, Arial, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"
    typed = typed_html(draft, f'<div class="elementToProof" style="{style}">{{}}</div>')
    html = (
        f'<html><head><style type="text/css">P {{margin-top:0;margin-bottom:0;}}</style></head><body dir="ltr">{typed}'
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">'
        f"{header_html(header)}</font><div>&nbsp;</div></div><div>{draft.quoted_html}</div></body></html>"
    )
    return text, html


def outlook_mobile(draft: Draft) -> Body:
    header = draft.header()
    link = "https://aka.ms/o0ukef"
    sent = draft.words["sent_outlook"]
    text = f"{draft.written}\n\n{sent}<{link}>\n{_RULE}\n{header_text(header)}\n\n{draft.quoted_text}"
    html = (
        f'<html><body><div dir="ltr" style="font-family:Aptos">{as_divs(draft.written)}</div>'
        f'<div id="ms-outlook-mobile-signature" dir="ltr"><div></div><a href="{link}">{escape(sent)}</a></div>'
        '<div id="mail-editor-reference-message-container"><div class="ms-outlook-mobile-reference-message">'
        '<hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" style="font-size:11pt"><p>{header_html(header)}</p></div>'
        f"{draft.quoted_html}</div></div></body></html>"
    )
    return text, html


def gmail_web(draft: Draft) -> Body:
    attribution = draft.attribution("gmail")
    quoted = marked(wrapped(draft.quoted_text))
    text = f"{wrapped(draft.written + added_below(draft))}\n\n{wrapped(attribution)}\n\n{quoted}"
    html = (
        f'<div dir="ltr">{typed_html(draft)}</div><br>'
        '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{escape(attribution)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{draft.quoted_html}</blockquote></div>\n'
    )
    return text, html


def gmail_app(draft: Draft) -> Body:
    attribution = draft.attribution("gmail")
    text = f"{wrapped(draft.written)}\n\n{wrapped(attribution)}\n\n{marked(wrapped(draft.quoted_text))}"
    html = (
        f'<div dir="auto">{as_divs(draft.written, "<div dir=auto>{}</div>")}</div><br>'
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        f'{escape(attribution)}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;'
        f'border-left:1px #ccc solid;padding-left:1ex">{draft.quoted_html}</blockquote></div>\n'
    )
    return text, html


def apple_mac(draft: Draft) -> Body:
    attribution = draft.attribution("apple")
    text = f"{draft.written}{added_below(draft)}\n\n> {attribution}\n> \n{marked(draft.quoted_text)}"
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        '<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">'
        f'{typed_html(draft)}<br id="lineBreakAtBeginningOfMessage"><div><br>'
        f'<blockquote type="cite"><div>{escape(attribution)}</div><br class="Apple-interchange-newline">'
        f"<div>{draft.quoted_html}</div></blockquote></div><br></body></html>"
    )
    return text, html


def apple_ios(draft: Draft) -> Body:
    attribution = draft.attribution("apple")
    sent = draft.words["sent_iphone"]
    text = f"{draft.written}\n\n{sent}\n\n> {attribution}\n> \n> \ufeff{marked(draft.quoted_text)[2:]}"
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">'
        f'{as_divs(draft.written)}<div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{escape(sent)}</div>'
        f'<div dir="ltr"><br><blockquote type="cite">{escape(attribution)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">\ufeff{draft.quoted_html}</div></blockquote></div></body></html>'
    )
    return text, html


def thunderbird(draft: Draft) -> Body:
    return (
        f"{draft.written}{added_below(draft)}\n\n{draft.attribution('thunderbird')}\n{marked(draft.quoted_text)}",
        None,
    )


def thunderbird_html(draft: Draft) -> Body:
    attribution = draft.attribution("thunderbird")
    text = f"{draft.written}{added_below(draft)}\n\n{attribution}\n{marked(draft.quoted_text)}"
    html = (
        '<!DOCTYPE html>\n<html>\n  <head>\n    <meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n'
        f"  </head>\n  <body>\n    <p>{typed_html(draft)}<br>\n    </p>\n"
        f'    <div class="moz-cite-prefix">{escape(attribution)}<br>\n    </div>\n'
        f'    <blockquote type="cite" cite="mid:n1@vendor.example">\n{draft.quoted_html}    </blockquote>\n    <br>\n'
        "  </body>\n</html>\n"
    )
    return text, html


def yahoo_web(draft: Draft) -> Body:
    attribution = draft.attribution("yahoo")
    indented = "\n".join(f" {line}" for line in draft.quoted_text.split("\n"))
    text = f" {draft.written.replace(chr(10), chr(10) + ' ')}\n\n    {attribution}  \n \n{indented}"
    html = (
        '<html><head></head><body><div class="ydp3c1a2yahoo-style-wrap" style="font-family:Helvetica Neue,sans-serif;'
        f'font-size:13px;">{as_divs(draft.written, "<div dir=ltr data-setdir=false>{}</div>")}<div><br></div></div>'
        '<div id="ydp5yahoo_quoted_1234567890" class="ydp5yahoo_quoted"><div style="font-size:13px;color:#26282a;">'
        f"<div>{escape(attribution)}</div><div><br></div><div><br></div><div>{draft.quoted_html}</div></div></div>"
        "</body></html>"
    )
    return text, html


def yahoo_app(draft: Draft) -> Body:
    attribution = draft.attribution("yahoo")
    sent = draft.words["sent_yahoo"]
    text = f"{draft.written}\n\n{sent} \n \n  {attribution}   {draft.quoted_text}"
    html = (
        f"{as_lines(draft.written)}<br><br>"
        '<div id="ymail_android_signature"><a id="ymail_android_signature_link" href="https://mail.example/android">'
        f'{escape(sent)}</a></div> <br> <blockquote style="margin: 0 0 20px 0;"> <div style="font-family:Roboto,'
        f'sans-serif; color:#6D00F6;"> <div>{escape(attribution)}</div> </div> <div style="padding: 10px 0 0 20px; '
        f'margin: 10px 0 0 0; border-left: 1px solid #6D00F6;"> {draft.quoted_html} </div> </blockquote>'
    )
    return text, html


def proton(draft: Draft) -> Body:
    attribution = draft.attribution("proton")
    sent = draft.words["sent_proton"]
    text = f"{draft.written}\n\n{sent}\n\n{attribution}\n\n{marked(draft.quoted_text)}"
    html = (
        f'<div style="font-family: Arial, sans-serif; font-size: 14px;">{as_divs(draft.written)}</div>'
        '<div class="protonmail_signature_block" style="font-family: Arial, sans-serif; font-size: 14px;">'
        '<div class="protonmail_signature_block-user protonmail_signature_block-empty"></div>'
        f'<div class="protonmail_signature_block-proton">{escape(sent)}</div></div>'
        f'<div style="font-size: 14px;"><br></div><div class="protonmail_quote">{escape(attribution)}<br><br>'
        f'<blockquote class="protonmail_quote" type="cite">{draft.quoted_html}</blockquote><br></div>'
    )
    return text, html


def zimbra(draft: Draft) -> Body:
    header = draft.header(order="ftds")
    text = f"{draft.written}{added_below(draft)}\n\n\n{header_text(header)}\n\n{draft.quoted_text}"
    style = (
        "border-left:2px solid #1010FF;margin-left:5px;padding-left:5px;color:#000;font-weight:normal;"
        "font-style:normal;text-decoration:none;font-family:Helvetica,Arial,sans-serif;font-size:12pt;"
    )
    html = (
        '<html><body><div style="font-family: arial, helvetica, sans-serif; font-size: 12pt; color: #000000">'
        f"{typed_html(draft)}<div><br></div>"
        f'<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><blockquote style="{style}">'
        f'{header_html(header)}<br></blockquote></div><div data-marker="__QUOTED_TEXT__"><blockquote style="{style}">'
        f"{draft.quoted_html}<br></blockquote></div></div></body></html>"
    )
    return text, html


def samsung(draft: Draft) -> Body:
    return _phone(draft, "sent_galaxy", f"-------- {draft.words['original']} --------")


def huawei(draft: Draft) -> Body:
    return _phone(draft, "sent_huawei", f"-------- {draft.words['original']} --------", order="sfdt")


def _phone(draft: Draft, sent_key: str, divider: str, order: str = "fdts") -> Body:
    header = draft.header(order=order, date=draft.words["date_label"])
    sent = draft.words[sent_key]
    text = f"{draft.written}\n\n\n{sent}\n\n{divider}\n{header_text(header)} \n\n{draft.quoted_text}"
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body dir="auto">'
        f'{as_divs(draft.written, "<div dir=auto>{}</div>")}<div dir="auto"><br></div>'
        f'<div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757">{escape(sent)}</div></div>'
        '<div dir="auto"><br></div><div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000">'
        f"<div>{escape(divider)}</div>{header_html(header, '<div>{}{}</div>', '')}<div><br></div></div>"
        f"{draft.quoted_html}</body></html>"
    )
    return text, html


CLIENTS: dict[str, Client] = {
    "outlook-desktop": outlook_desktop,
    "outlook-web": outlook_web,
    "outlook-mobile": outlook_mobile,
    "gmail-web": gmail_web,
    "gmail-app": gmail_app,
    "apple-mac": apple_mac,
    "apple-ios": apple_ios,
    "thunderbird": thunderbird,
    "thunderbird-html": thunderbird_html,
    "yahoo-web": yahoo_web,
    "yahoo-app": yahoo_app,
    "proton": proton,
    "zimbra": zimbra,
    "samsung": samsung,
    "huawei": huawei,
}

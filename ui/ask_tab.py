"""The tab where questions are asked, wired: which click calls which handler."""

from typing import Any

from ui import looks
from ui.conversation import Session
from ui.handlers import Handlers
from ui.parts import LONG, QUICK, html
from ui.quiet_gradio import gr


def ask_tab(handlers: Handlers, session: Any) -> Any:
    """Build it; returns the part that shows the newest turn."""
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="talk"):
            past = html("", "past")
            live = html(handlers.welcome(), "live")
            with gr.Row(elem_id="composer"):
                box = gr.Textbox(
                    label="Your question",
                    placeholder="Ask your documents…",
                    show_label=False,
                    container=False,
                    max_lines=6,
                    autofocus=True,
                    elem_id="question-box",
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                )
                send = gr.Button("Ask", variant="primary", elem_id="send")
                stop = gr.Button("Stop", elem_id="stop")
            with gr.Row(elem_id="under-composer"):
                clear = gr.Button("New conversation", size="sm", elem_id="clear")
                save = gr.Button("Save with proof", size="sm", elem_id="save")
            proof = gr.Textbox(visible=False)
        with gr.Column(elem_id="side"):
            reading = html(handlers.closed(), "reading")

    def example(session: Session, event: gr.EventData) -> tuple[str, str, str, Session]:
        return handlers.begin(str(event._data.get("text", "")), session)

    def cite(session: Session, event: gr.EventData) -> str:
        return handlers.open(session, event._data)

    shown = [box, past, live, session]
    begun = gr.on([box.submit, send.click], handlers.begin, [box, session], shown, **QUICK)
    begun.then(handlers.stream, session, live, **LONG)
    offered = live.example(example, session, shown, **QUICK)
    offered.then(handlers.stream, session, live, **LONG)
    stop.click(handlers.stop, session, None, **QUICK)
    clear.click(handlers.clear, session, [past, live, reading, session], **QUICK)
    kept = save.click(handlers.proof, session, proof, **QUICK)
    kept.then(None, proof, None, js=looks.saving(), **QUICK)
    for conversation in (past, live):
        conversation.cite(cite, session, reading, **QUICK)
    reading.more(handlers.more, session, reading, **QUICK)
    return live

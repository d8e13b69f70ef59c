"""The words of page furniture, gathered from many sites, by what they belong to.

A whole short line must match (case, marks and counts aside), so that a sentence which only uses
such words is never taken for furniture.
"""

import re

_LISTS = {
    "menu": """
        home|menu|search|main menu|skip to content|skip to main content|skip to navigation|about|about us
        |about me|contact|contact us|sign in|log in|login|log out|register|sign up|my account|account|help
        |faq|sitemap|site map|back to top|top|language|english|advanced search|all topics|all sections
        |news|world|sport|sports|politics|business|money|technology|tech|science|health|culture|opinion
        |opinions|lifestyle|travel|weather|video|videos|photos|podcasts|newsletters|events|jobs|shop|store
        |subscribe|subscribe now|subscribe today|donate|support us|become a member|our team|careers|press
        |imprint|impressum|a-z|what's on|whats on|discover|browse|explore|library|my library|settings|close
        |toggle navigation|open menu|close menu|next|previous|prev|next page|previous page|older|newer
        |view all|see all|all posts|archive|archives|categories|tags|pages|table of contents|on this page
        |jump to recipe|print|print this page|print page|download|download pdf|pdf|export citation|cite
        |cite this article|open in new tab|view in app|open in app|get the app|download the app
        |view full screen|full screen|enlarge|edit|edit this page|report an issue|view source|history
        |go deeper|common question|common questions asked|scan wechat qr code|technical support
    """,
    "widget": """
        reply|like|likes|like reply|share|report|flag|permalink|upvote|downvote|quote|edit|delete|block
        |read replies|view replies|hide replies|show more|show less|load more|load more comments|view more
        |see more|more|expand|collapse|helpful|not helpful|sort by|newest|newest first|oldest|oldest first
        |top comments|best|add a comment|add comment|write a comment|post comment|join the conversation
        |show all comments|view all comments|report abuse|follow|following|copy link|link copied|save|saved
    """,
    "share": """
        share this|share this article|share this story|share this post|share this page|share on facebook
        |share on twitter|share on x|share on linkedin|share via email|facebook|twitter|x|linkedin
        |instagram|youtube|tiktok|whatsapp|telegram|reddit|pinterest|bluesky|mastodon|threads|email
        |e-mail|email this|tweet|pin it|copy url|rss|rss feed|bookmark|add to favorites|send to a friend
        |tweet it|send this story to a friend|send to kindle|gift this article|give this article
    """,
    "player": """
        sleep timer|end of episode|off|playback speed|speed|listen|listen now|play|pause|play episode
        |listen to this article|download episode|transcript available|add to queue|add to playlist|play next
        |autoplay is on|autoplay|autoplay on|autoplay off|mute|unmute|captions|subtitles|cc|quality|picture in picture
        |skip ad|skip intro|rewind|fast forward|chapters|ai chapters|ai summary|show transcript
        |hide transcript|search in transcript|auto-generated transcript|watch on youtube|watch now
        |watch trailer|watch live|live|now playing|mark as played|episode details|all episodes|cast
    """,
    "ad": """
        advertisement|advertisement advertisement|ad|ads|advertising|sponsored|sponsored content|promoted
        |paid content|story continues below advertisement|article continues below|continue reading
        |continue reading below|read more|read the full story|read full article|keep reading|learn more
        |find out more|click here|tap here|loading|loading...|please wait|image|photo|gallery|view gallery
        |view table|view figure|view image|remove ads|why this ad|scroll to continue
    """,
    "consent": """
        accept|accept all|accept all cookies|accept cookies|reject|reject all|decline|manage options
        |manage preferences|manage cookies|cookie settings|cookie preferences|cookie policy|privacy
        |privacy policy|privacy notice|privacy settings|privacy statement|terms|terms of use|terms of service
        |terms and conditions|terms & conditions|legal|legal notice|disclaimer|do not sell my personal information
        |your privacy choices|got it|i agree|agree|ok|only what is needed|necessary only|customize
        |accessibility|accessibility statement|modern slavery statement|advertise|advertise with us
    """,
    "form": """
        leave a reply|leave a comment|post a comment|cancel reply|submit|submit comment|your email address
        |your name|your email|email address|enter your email|enter your email address|first name
        |last name|password|forgot password|forgot your password|remember me|search this site|send|sign me up
        |your email address will not be published|required fields are marked|notify me of new posts
        |you must be logged in to post a comment|log in to comment|sign in to comment|comments are closed
        |was this page helpful|was this article helpful|was this helpful|rate this|rate this article
    """,
    "related": """
        related|related articles|related stories|related posts|related content|related topics|related news
        |related links|related coverage|related reading|related videos|related episodes|related snips
        |related products|more on this story|more on this|more on this topic|more on these topics|more like this
        |more stories|more from|more news|most read|most popular|most viewed|most shared|most watched
        |trending|trending now|popular now|popular|popular posts|popular articles|top stories|latest|latest news
        |latest stories|latest posts|recent posts|recommended|recommended for you|recommended stories
        |recommended articles|recommended videos|recommended episodes|you may also like|you might also like
        |you may also be interested in|you might be interested in|read next|up next|next up|next article
        |watch next|listen next|also in the news|also on this site|in case you missed it|don't miss
        |editor's picks|editors' picks|our picks|picked for you|what to read next|what others are reading
        |people also ask|people also read|people also viewed|from our partners|from the web|around the web
        |promoted stories|elsewhere on the web|similar articles|cited by|explore more|see also our
        |keep exploring|other episodes|more episodes|recent episodes|previous episodes|featured
    """,
}
CHROME: dict[str, str] = {
    phrase.strip(): category
    for category, phrases in _LISTS.items()
    for phrase in phrases.replace("\n", " ").split("|")
}

# Beginnings of short lines (up to two sentences) that belong to furniture.
OPENINGS = (
    (
        "ad",
        re.compile(
            r"(?:read|watch|see|listen|hear)(?: more| next| also| the full| now)\b.{0,12}?[:›»]|read more\b|watch the full\b|listen to the full\b|story continues|(?:view|open|see) (?:table|figure|image) \d|continue reading",
            re.I,
        ),
    ),
    (
        "tag",
        re.compile(
            r"(?:tags?|keywords?|topics?|categor(?:y|ies)|filed under|posted in|tagged(?: with| as)?|labels?|hashtags?)\s*[:：]",
            re.I,
        ),
    ),
    (
        "legal",
        re.compile(
            r"(?:copyright\b|©|\(c\)\s|℗|all rights reserved|disclaimer\s*:|powered by\b|theme(?: by|:)|built with\b|hosted (?:by|on)\b|reproduced (?:under|with|by)|registered (?:in|office|charity)|no part of this)",
            re.I,
        ),
    ),
    (
        "subscribe",
        re.compile(
            r"(?:follow (?:us|me|our|them)\b|subscribe\b|sign up (?:for|to)\b|get (?:our|the) .{0,40}(?:newsletter|briefing|inbox)|join our\b|like us on\b|find us on\b|connect with us|by signing up\b|support (?:us|our|this)\b|download our app|scan (?:the|this|wechat)\b|open your phone\b|write to us at\b|send (?:us )?(?:your )?(?:tips|feedback)\b|have your say\b)",
            re.I,
        ),
    ),
    (
        "pager",
        re.compile(
            r"(?:previous|next|older|newer|prev)(?: post| article| page| entry| story| episode)?\s*[:：»«→←]|[←«‹]\s|(?:page|slide)\s+\d+(?:\s*(?:of|/)\s*\d+)?$|\d+\s*/\s*\d+$",
            re.I,
        ),
    ),
    (
        "menu",
        re.compile(
            r"(?:jump to\b|skip to\b|back to\b|go to\b|sort by\b|filter by\b|share (?:this|on|via)\b|send this\b|more from\b|view all\b|sign in to\b|log in to\b|edit this\b|was this (?:page|article|answer)\b)",
            re.I,
        ),
    ),
    (
        "form",
        re.compile(
            r"(?:your email address\b|required fields\b|leave a (?:reply|comment)\b|you must be logged in\b|comments are closed\b)",
            re.I,
        ),
    ),
    (
        "player",
        re.compile(
            r"(?:playback speed\b|speed \d|sleep timer\b|podcast summary (?:created|generated)|auto-?generated transcript\b|this (?:summary|transcript) was (?:automatically )?(?:created|generated)|(?:summary|transcript) (?:created|generated) (?:by|with)\b)",
            re.I,
        ),
    ),
)
# Whole lines of a certain form.
FORMS = (
    (
        "template",
        re.compile(
            r"(?:[\s|,:·-]*(?:\{\{.{0,200}?\}\}|\{%.{0,200}?%\}|\$\{.{0,200}?\}|<%.{0,200}?%>))+[\s|,:·.-]*$"
        ),
    ),
    (
        "player",
        re.compile(
            r"\d{1,2}:\d\d(?::\d\d)?(?:\s*[/|–-]\s*-?\d{1,2}:\d\d(?::\d\d)?)?$|\d(?:[.,]\d+)?\s?[x×]$|\d{1,3}\s(?:minutes|mins?|hours?|hrs?)$",
            re.I,
        ),
    ),
    (
        "widget",
        re.compile(
            r"\d[\d.,]*[km]?\s(?:likes?|shares?|views?|replies|reposts?|claps|plays|followers?|subscribers?|reads?)$|\d{1,3}$",
            re.I,
        ),
    ),
    ("link", re.compile(r"(?:https?://|www\.)\S+$|[\w.+-]+@[\w-]+\.[\w.]+$")),
    ("icon", re.compile(r"[a-z]+(?:_[a-z]+)+$")),
    ("marks", re.compile(r"[\W_]+$")),
    (
        "stage",
        re.compile(
            r"\[(?:slide|image|music|applause|laughter|inaudible|crosstalk|advert\w*|photo|figure)\b[^\]]{0,60}\]$",
            re.I,
        ),
    ),
    (
        "menu",
        re.compile(r"volume \d+,? (?:issue|no\.?|number) \d+$|.{1,80} technical support$", re.I),
    ),
)
CREDITS = re.compile(
    r"\b(?:is|was) (?:produced by|a production of|made (?:possible )?by|presented by|a project of|a podcast (?:by|from))\b"
    r"|\b(?:our|the) (?:senior |executive )?producers? (?:is|are)\b|\btheme (?:music )?(?:is )?by\b|\bmusic (?:is )?by\b",
    re.I,
)
COOKIES = re.compile(
    r"\bcookies?\b|\bprivacy (?:policy|notice|settings)\b|\bterms (?:of (?:use|service)|and conditions)\b"
    r"|\bpersonal(?:ised)? (?:data|advert)|\bconsent\b|\bour \d* ?partners\b|\bthird.part(?:y|ies)\b"
    r"|\bunique identifiers\b|\bour (?:use of|website)\b|\bthis (?:web)?site uses\b|\bad(?:vertis\w+)? measurement\b",
    re.I,
)
SITE_VOICE = re.compile(r"\b(?:we|our|us|you|your|this (?:web)?site|this page)\b", re.I)
RELATED_PREFIX = re.compile(
    r"(?:more from|more on|related|recommended|popular|trending|latest|most read|most popular|you may also|you might also)\b",
    re.I,
)
COMMENT_MARK = re.compile(
    r"(?:reader |user |all |view |show )*(?:\d[\d,.]* )?(?:comments?|responses?|replies|reactions|discussion|thoughts? on .{1,150}"
    r"|responses? to .{1,150}|comments? on .{1,150})(?: \(?\d[\d,.]*\)?)?$",
    re.I,
)
CORRECTION = re.compile(
    r"(?:corrections?|correct(?:ed|ion) (?:added|note)|erratum|errata|corrigendum|clarifications?|retraction)\b(?![^:]{60})"
    r"(?:[^:\n]{0,60}[:：.]|\s[-–—]\s|\s(?:to|added|note|by|appended)\b|$)",
    re.I,
)
UPDATE = re.compile(
    r"(?:(?:editor['’]?s?['’]? note|update[ds]?|note|amendment|amended|p\.?\s?s\.?)\b[^:.\n]{0,50}[:：.]\s+)(?=\S.{25})",
    re.I,
)
CORRECTION_CUES = re.compile(
    r"\b(?:an?|the) (?:earlier|previous|original|initial|first) version (?:of this|said|stated|gave|misstated|had)"
    r"|\bthis (?:article|story|post|page|piece|report|text) (?:has been|was|is) (?:corrected|amended|updated|changed|edited)"
    r"|\b(?:we|i) (?:were|was) wrong\b|\bwe regret the error\b|\b(?:misstated|misidentified|misspelled|miscalculated|misreported)\b"
    r"|\b(?:originally|first|wrongly|incorrectly|mistakenly) (?:wrote|said|stated|gave|reported|put|listed|named)\b"
    r"|\bhas been (?:corrected|amended)\b|\bwas in error\b|\bapologi[sz]e[sd]? for the (?:error|mistake)",
    re.I,
)
SUMMARY_HEADS = frozenset(
    """abstract|summary|executive summary|ai summary|key points|key takeaways|quick takeaways|takeaways|main points
    |highlights|at a glance|tl;dr|tldr|in short|in a nutshell|overview in brief|the short version|the gist
    |key findings|main findings|what you need to know|bottom line|synopsis|about this episode|episode summary
    |the essentials|zusammenfassung""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
FIRST_SUMMARY_HEADS = frozenset(
    {"what happened", "what's happened", "what’s happened", "in brief", "the news", "overview"}
)
SUMMARY_OPENING = re.compile(
    r"(?:in (?:short|brief|summary|a nutshell)\s*[:,]|tl;?dr\b|summary\s*[:：]|abstract\s*[:：.]|key (?:points|takeaways)\s*:|(?:decisions|results|news|points) in brief\s*:"
    r"|(?:the|this|in this|on this) (?:podcast|episode|conversation|interview|article|video|report|paper|week['’]s episode)\b.{0,40}?"
    r"\b(?:delves|explores?|discuss(?:es)?|covers?|examines?|looks? at|asks?|considers?|features?|describes?|summari[sz]es|we (?:speak|talk|discuss|explore|look|ask)))",
    re.I,
)
EPISODE_CUES = re.compile(
    r"\b(?:speaks? (?:with|to)|talks? (?:with|to)|sits? down with|is joined by|joins? (?:us|the show)|our hosts?|hosts?|episode|conversation|guests?|asks?|discuss(?:es)?|interviews?)\b",
    re.I,
)
SECTION_NAMES = (
    frozenset(
        """introduction|background|methods|method|results|discussion|conclusion|conclusions|references|bibliography
    |further reading|recommended reading|reading list|acknowledgements|acknowledgments|appendix|notes|footnotes
    |questions|answers|questions and answers|glossary|contents|table of contents|preface|foreword|limitations|data
    |deep dives|episode notes|show notes|thanks|ingredients|instructions|directions|what the papers say|how we got here
    |what's behind the headline|what’s behind the headline|what's behind the story|related work|in brief
    |credits|about the author|about the authors|about this report|about this guide""".replace(
            "\n", ""
        )
        .replace("    ", "")
        .split("|")
    )
    | SUMMARY_HEADS
    | FIRST_SUMMARY_HEADS
)

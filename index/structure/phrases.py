"""The words of page furniture, gathered from many sites, by what they belong to.

A whole short line must match (case, marks and counts aside), so that a sentence which only uses
such words is never taken for furniture.
"""

import re


def one_of(alternatives: str) -> str:
    """A regular expression from one alternative a line."""
    return "|".join(filter(None, map(str.strip, alternatives.splitlines())))


def words_of(phrases: str) -> frozenset[str]:
    """Phrases set apart by bars."""
    return frozenset(" ".join(phrase.split()) for phrase in phrases.split("|"))


_LISTS = {
    "menu": """
        home|menu|search|main menu|skip to content|skip to main content|skip to navigation|about
        |about us|about me|contact|contact us|sign in|log in|login|log out|register|sign up
        |my account|account|help|sitemap|site map|back to top|top|language|english
        |advanced search|all topics|all sections|news|world|sport|sports|politics|business|money
        |technology|tech|science|health|culture|opinion|opinions|lifestyle|travel|weather|video
        |videos|photos|podcasts|newsletters|events|jobs|shop|store|subscribe|subscribe now
        |subscribe today|donate|support us|become a member|our team|careers|press|imprint|impressum
        |a-z|what's on|whats on|discover|browse|explore|library|my library|settings|close
        |toggle navigation|open menu|close menu|next|previous|prev|next page|previous page|older
        |newer|view all|see all|all posts|archive|archives|categories|tags|pages|table of contents
        |on this page|jump to recipe|print|print this page|print page|download|download pdf|pdf
        |export citation|cite|cite this article|open in new tab|view in app|open in app|get the app
        |download the app|view full screen|full screen|enlarge|edit|edit this page|report an issue
        |view source|topics|keywords|go deeper|common question|common questions asked|scan wechat qr code
        |technical support
    """,
    "widget": """
        reply|like|likes|like reply|share|report|flag|permalink|upvote|downvote|quote|edit|delete
        |block|read replies|view replies|hide replies|show more|show less|load more
        |load more comments|view more|see more|more|expand|collapse|helpful|not helpful|sort by
        |newest|newest first|oldest|oldest first|top comments|best|add a comment|add comment
        |write a comment|post comment|join the conversation|show all comments|view all comments
        |report abuse|follow|following|copy link|link copied|save|saved
    """,
    "share": """
        share this|share this article|share this story|share this post|share this page
        |share on facebook|share on twitter|share on x|share on linkedin|share via email|facebook
        |twitter|x|linkedin|instagram|youtube|tiktok|whatsapp|telegram|reddit|pinterest|bluesky
        |mastodon|threads|email|e-mail|email this|tweet|pin it|copy url|rss|rss feed|bookmark
        |add to favorites|send to a friend|tweet it|send this story to a friend|send to kindle
        |gift this article|give this article
    """,
    "player": """
        sleep timer|end of episode|off|playback speed|speed|listen|listen now|play|pause
        |play episode|listen to this article|download episode|transcript available|add to queue
        |add to playlist|play next|autoplay is on|autoplay|autoplay on|autoplay off|mute|unmute
        |captions|subtitles|cc|quality|picture in picture|skip ad|skip intro|rewind|fast forward
        |chapters|ai chapters|ai summary|show transcript|hide transcript|search in transcript
        |auto-generated transcript|watch on youtube|watch now|watch trailer|watch live|live
        |now playing|mark as played|episode details|all episodes|cast
    """,
    "ad": """
        for immediate release|press release|buy now|shop now|check price|add to cart
        |a message from our sponsor
        |advertisement|advertisement advertisement|ad|ads|advertising|sponsored|sponsored content
        |promoted|paid content|story continues below advertisement|article continues below
        |continue reading|continue reading below|read more|read the full story|read full article
        |keep reading|learn more|find out more|click here|tap here|loading|loading...|please wait
        |image|photo|gallery|view gallery|view table|view figure|view image|remove ads|why this ad
        |scroll to continue
    """,
    "consent": """
        accept|accept all|accept all cookies|accept cookies|reject|reject all|decline|manage options
        |manage preferences|manage cookies|cookie settings|cookie preferences|cookie policy|privacy
        |privacy policy|privacy notice|privacy settings|privacy statement|terms|terms of use
        |terms of service|terms and conditions|terms & conditions|legal|legal notice|disclaimer
        |do not sell my personal information|your privacy choices|got it|i agree|agree|ok
        |only what is needed|necessary only|customize|accessibility|accessibility statement
        |modern slavery statement|advertise|advertise with us
    """,
    "form": """
        leave a reply|leave a comment|post a comment|cancel reply|submit|submit comment
        |your email address|your name|your email|email address|enter your email
        |enter your email address|first name|last name|password|forgot password|forgot your password
        |remember me|search this site|send|sign me up|your email address will not be published
        |required fields are marked|notify me of new posts|you must be logged in to post a comment
        |log in to comment|sign in to comment|comments are closed|was this page helpful
        |was this article helpful|was this helpful|rate this|rate this article
    """,
    "related": """
        related|related articles|related stories|related posts|related content|related topics
        |related news|related links|related coverage|related reading|related videos|related episodes
        |related snips|related products|more on this story|more on this|more on this topic
        |more on these topics|more like this|more stories|more from|more news|most read|most popular
        |most viewed|most shared|most watched|trending|trending now|popular now|popular
        |popular posts|popular articles|top stories|latest|latest news|latest stories|latest posts
        |recent posts|recommended|recommended for you|recommended stories|recommended articles
        |recommended videos|recommended episodes|you may also like|you might also like
        |you may also be interested in|you might be interested in|read next|up next|next up
        |next article|watch next|listen next|also in the news|also on this site
        |in case you missed it|don't miss|editor's picks|editors' picks|our picks|picked for you
        |what to read next|what others are reading|people also ask|people also read
        |people also viewed|from our partners|from the web|around the web|promoted stories
        |elsewhere on the web|similar articles|cited by|explore more|see also our|keep exploring
        |other episodes|more episodes|recent episodes|previous episodes|featured
    """,
}
_LISTS["foreign"] = """
        startseite|zum inhalt springen|datenschutz|agb|kontakt|anmelden|registrieren|teilen|drucken
        |mehr zum thema|lesen sie auch|auch interessant|kommentar schreiben|anzeige|accueil|partager
        |mentions légales|lire aussi|se connecter|publicité|inicio|compartir|iniciar sesión|publicidad
    """
CHROME: dict[str, str] = {
    phrase: category for category, phrases in _LISTS.items() for phrase in words_of(phrases)
}

_OPENINGS = {
    "consent": r"""
        (?:accept|reject|view|hide|manage|allow|set)\b.{0,30}\bcookies?\b.{0,20}$
        cookies on (?:this|our|\w+\.\w+)
        (?:we|this (?:site|website)) uses? (?:\w+ ){0,3}cookies\b
        we[’']?d like to (?:set|use) .{0,30}cookies
        we may earn a commission\b
    """,
    "ad": r"""
        (?:read|watch|see|listen|hear) (?:more|next|also|now)\b.{0,12}?[:›»]
        read more\b(?=.{0,90}$)
        (?:watch|listen to|read|see) the full (?:\w+ ){0,4}(?:conversation|episode|interview|story)\b
        (?:watch|listen to|read|see) the full (?:\w+ ){0,4}(?:video|article|report|series)\b
        story continues
        (?:view|open|see) (?:table|figure|image) \d
        continue reading
    """,
    "tag": r"""
        (?:tags?|keywords?|topics?|categor(?:y|ies)|filed under|posted in|labels?|hashtags?)\s*[:：]
        tagged(?: with| as)?\s*[:：]
    """,
    "legal": r"""
        copyright\b
        ©|℗|\(c\)\s
        all rights reserved
        disclaimer\s*:
        (?:powered|hosted) by\b
        (?:theme|design)(?: by\b|:)
        built with\b
        reproduced (?:under|with|by)\b
        registered (?:in|office|charity)\b
        no part of this\b
        this page was last (?:edited|modified|updated)\b
        text is available under\b
        retrieved from\b
    """,
    "subscribe": r"""
        follow (?:us|me|our|them)\b
        subscribe\b
        sign up (?:for|to)\b
        by signing up\b
        get (?:our|the) .{0,40}(?:newsletter|briefing|inbox)
        (?:join|download|support) (?:us|our|this)\b(?=.{0,80}$)
        (?:like|find) us on\b
        connect with us
        scan (?:the|this|wechat)\b.{0,20}\bcode
        open your phone\b
        write to us at\b
        send (?:us )?(?:your )?(?:tips|feedback)\b
        have your say\b
    """,
    "mail": r"""
        view (?:this|in) (?:e-?mail|message|browser|your browser|newsletter)\b
        (?:forward|forward this|send this) to a (?:friend|colleague)\b
        unsubscribe\b
        (?:you (?:have )?received|you are receiving|you get) this (?:e-?mail|message|newsletter)\b
        (?:update|manage) your preferences\b
    """,
    "pager": r"""
        (?:previous|next|older|newer|prev)(?: post| article| page| entry| story| episode)?\s*[:：»«→←]
        [←«‹]\s
        (?:page|slide)\s+\d+(?:\s*(?:of|/)\s*\d+)?$
        \d+\s*/\s*\d+$
    """,
    "menu": r"""
        from \w+, the free encyclopa?edia
        (?:jump|skip|back|go) to\b(?=.{0,50}$)
        (?:sort|filter) by\b
        share (?:this|on|via)\b(?=.{0,60}$)
        send this\b(?=.{0,60}$)
        (?:more from|view all|edit this)\b(?=.{0,60}$)
        (?:sign|log) in to\b
        (?:is|was) this (?:page|article|answer)\b
        (?:yes|no),? this (?:page|article|answer)\b
        home\s*[/>»›|→]
    """,
    "form": r"""
        your email address\b
        required fields\b
        leave a (?:reply|comment)\b
        you must be logged in\b
        comments are closed\b
    """,
    "player": r"""
        playback speed\b
        speed \d
        sleep timer\b
        (?:podcast |episode )?(?:summary|transcript) (?:was )?(?:automatically )?(?:created|generated)
        this (?:summary|transcript) (?:was|is) (?:automatically |machine.)?(?:created|generated)
        (?:auto|ai|machine)[- ]?generated (?:transcript|summary|notes?|captions)\b
    """,
}
# Beginnings of short lines that belong to furniture; the name of the group is the category.
OPENING = re.compile(
    "|".join(f"(?P<{name}>{one_of(lines)})" for name, lines in _OPENINGS.items()), re.IGNORECASE
)
_FORMS = {
    "player": r"""
        \d{1,2}:\d\d(?::\d\d)?(?:\s*[/|–-]\s*-?\d{1,2}:\d\d(?::\d\d)?)?$
        \d(?:[.,]\d+)?\s?[x×]$
        \d{1,3}\s(?:minutes|mins?|hours?|hrs?)$
    """,
    "widget": r"""
        \d[\d.,]*[km]?\s(?:likes?|shares?|views?|replies|reposts?|claps|plays|followers?|reads?)$
        \d{1,3}$
    """,
    "link": r"""
        (?:https?://|www\.)\S+$
        [\w.+-]+@[\w-]+\.[\w.]+$
    """,
    "marks": r"[\W_]+$",
    "stage": r"""
        \[(?:slide|image|music|applause|laughter|inaudible|crosstalk|advert\w*|photo|figure)\b[^\]]{0,60}\]$
    """,
    "menu": r"""
        volume \d+,? (?:issue|no\.?|number) \d+$
        \S{1,30} technical support$
    """,
}
# Whole lines of a certain form.
FORM = re.compile(
    "|".join(f"(?P<{name}>{one_of(lines)})" for name, lines in _FORMS.items()), re.IGNORECASE
)
TEMPLATE = re.compile(
    r"(?:[\s|,:·-]*(?:\{\{[^}]{0,200}\}\}|\{%[^%]{0,200}%\}|\$\{[^}]{0,200}\}|<%[^%]{0,200}%>))+"
    r"[\s|,:·.-]*$"
)
ICON = re.compile(r"[a-z]+(?:_[a-z]+)+$")
CREDITS = re.compile(
    r"""\b(?:is|was)\ (?:produced\ by|a\ production\ of|made\ (?:possible\ )?by|presented\ by)\b
    |\b(?:is|was)\ a\ (?:project\ of|podcast\ (?:by|from))\b
    |\b(?:our|the)\ (?:senior\ |executive\ )?producers?\ (?:is|are)\b
    |\b(?:theme|music)\ (?:music\ )?(?:is\ )?by\b""",
    re.IGNORECASE | re.VERBOSE,
)
COOKIES = re.compile(
    r"""\bcookies?\b | \bprivacy\ (?:policy|notice|settings)\b | \bthird.part(?:y|ies)\b
    | \bterms\ (?:of\ (?:use|service)|and\ conditions)\b | \bconsent\b | \bunique\ identifiers\b
    | \bpersonal(?:ised)?\ (?:data|advert) | \b(?:our|its)\ \d*\ ?partners\b
    | \bour\ (?:use\ of|website)\b | \bthis\ (?:web)?site\ uses\b | \bad(?:vertis\w+)?\ measurement\b""",
    re.IGNORECASE | re.VERBOSE,
)
SITE_VOICE = re.compile(r"\b(?:we|our|us|you|your|this (?:web)?site|this page)\b", re.IGNORECASE)
RELATED_PREFIX = re.compile(
    r"(?:(?:explore )?more (?:from|on)|related|recommended|popular|trending|latest|most (?:read|popular)"
    r"|you (?:may|might) also)\b",
    re.IGNORECASE,
)

"""Words by which a block may show what it is: weak signs, weighed by the learned model.

Unlike the lists in `phrases`, these match single words and openings. None of them decides alone.
"""

import re

UI_VERBS = frozenset(
    """accept add allow agree ask back become bookmark book browse buy call cancel change check choose
    cite clear click close collapse comment contact continue copy create customise customize delete
    decline disable discover dismiss display donate download edit email embed enable enter expand
    explore export fast favourite filter find flag follow forgot forward get gift give go help hide
    install join jump keep learn leave like link listen load log login logout manage meet mute need
    open opt order pause pin play post powered press print quote rate read refresh register reject
    remember remove reply report request reset return reuse rewind save scan scroll search see select
    send set shop share show sign skip sort start stay stop stream submit subscribe support switch take
    tap tell toggle top track translate try tune turn tweet unsubscribe update upgrade upload use view
    visit vote want watch write zoom""".split()
)
UI_WORDS = frozenset(
    """about account accessibility accesses ad ads advert adverts advertise advertising advertisement
    affiliate affiliated alerts all altmetric apple app apps archive archives article articles audio author
    autoplay banner basket blog bookmark bookmarks browser browse button calendar captions careers cart
    categories category caption channel checkout citation citations code collections community consent contact
    contents cookie cookies copyright coupon course dashboard deals desk digest directory disclaimer
    disclaimers discount discussions documents donate donations download downloads duration ebook
    edition email episode episodes events explore facebook faq faqs feed feedback filed folder follow
    followers     forum forums free fullscreen full gallery gift google guests guide
    guidelines help hide home icon image
    images imprint index info instagram investors issn issue jobs journal label labels language latest
    legal library licence license link linkedin links list listen live login logout magazine mailing
    media member members membership memberships menu metrics min mins minute minutes mobile modal more
    navigation network news newsletter newsletters newsroom next notifications offers online options order
    page pages partners password patreon pdf permalink permissions photo photos play player playlist plans
    podcast podcasts policy popular portal post posts powered preferences premium press preview previous
    price print printable privacy products profile promo promoted promotion publications publisher
    queue quiz ratings rating read reads recent recommended references register registered related reply
    report reserved resources responses results rights rss sale schedule search seconds section sections
    security service services settings shares shop shopping sidebar sign signup site sitemap skip social
    soundcloud speed sponsor sponsored sponsors spotify stars start statement statistics store stories story
    stream submissions subscribe subscriber subscribers subscription subscriptions support tag tags team
    technologies telegram terms theme tickets timer tool toolbox tools top topic topics transcript
    translate trending trial twitter unsubscribe updates upload user username users version video videos
    view views volume watch watchlist weather web webinar website whatsapp widget wishlist youtube
    your""".split()
)
SMALL_WORDS = frozenset(
    """a an the of and or to for in on at by with from this that these those as is are be it its you your
    our we us me my all more no not any""".split()
)
FIRST_PERSON = frozenset("i i'm i've i'd i'll me my mine we we're we've our us myself".split())
SECOND_PERSON = frozenset("you your yours you're you'll you've".split())
LEGAL = re.compile(
    r"©|℗|\(c\) ?\d{4}|\bcopyright\b|\ball rights\b|\brights reserved\b|\bconfidential\b"
    r"|\bintended (?:only|solely)\b"
    r"|\bliab(?:le|ility)\b|\b(?:views|opinions) (?:expressed|are)\b|\btrade ?marks?\b"
    r"|\blicen[cs]ed? under\b"
    r"|\bpersonal (?:data|information)\b|\bcookies?\b|\badvert(?:s|ising|isers?)\b"
    r"|\bprivacy\b|\bterms (?:of|and|&)\b"
    r"|\bconsent\b|\bprivileged\b|\bnot (?:constitute|intended as) \w+ advice\b"
    r"|\bfor informational purposes\b"
    r"|\bpart of the \w+ (?:group|family)\b|\bregistered (?:in|office|charity|no|number"
    r"|company)\b|\bISSN\b|\bISBN\b"
    r"|\bpermission\b|\baffiliates?\b|\bcommission on\b|\bremains neutral\b"
    r"|\bsharing licence\b|\bcreative commons\b",
    re.I,
)
INVITES = re.compile(
    r"\b(?:sign up|subscri\w+|newsletter|unsubscribe|follow us|join (?:us|our|the|\d)"
    r"|become a (?:member|patron|supporter)"
    r"|donat(?:e|ion)|support (?:us|our|independent|the show|this)|get (?:\d+%|the app|our"
    r"|it on)|free trial|promo code"
    r"|% off|discount|buy (?:now|the|us|tickets)|order (?:it|now|here|your)|available (?:now"
    r"|on|in all good)|wherever you"
    r"|your inbox|download (?:the|our) app|app store|google play|leave (?:us )?a review"
    r"|rate (?:and|us|this)|tell a friend"
    r"|enjoy(?:ed|ing)? this|like what you|you(?:'|’)?re (?:receiving|reading)"
    r"|you are (?:receiving|reading|not logged)"
    r"|please (?:enable|log in|consider|rate|note that this site)|click here|learn more"
    r"|read more|find out more"
    r"|powered by|built with|hosted (?:by|on)|sponsored|made possible|produced by|funded by"
    r"|a production|presented by"
    r"|more information about|contact us|get in touch|media contact|press contact"
    r"|for enquiries|write to us)\b",
    re.I,
)
_WRONG_HEAD = (
    r"corrections?|corrected|correcting|corrigend\w+|errat\w+|clarif\w+|retract\w+|amend\w+"
    r"|revis(?:ed|ions?)|revision note"
    r"|updated?|edit(?:ed)?|edited to (?:add|fix|correct)|errors?|we got (?:it|that"
    r"|this) wrong|our (?:mistake|error)s?"
    r"|mistakes?|addend\w+|post-publication|for the record|setting the record"
    r"|putting it right|where we went wrong"
    r"|an? (?:apology|correction|clarification|erratum|error|mistake)|apolog\w+|fix(?:ed)?"
    r"|oops|whoops|note from the editors?"
    r"|editor(?:'|’)?s?(?:'|’)? (?:note|correction)|editorial note|ed(?:\.|itor)? note"
    r"|rectification|withdrawal|withdrawn|mea culpa"
    r"|what we got wrong|publisher(?:'|’)?s? correction|author correction"
    r"|expression of concern|n\.?b\.?|note|ps|p\.s\."
)
WRONG_OPENING = re.compile(
    rf"\W{{0,6}}(?:[\w'’]+ ){{0,3}}(?:{_WRONG_HEAD})\b(?=[^.!?\n]{{0,60}}(?::|\.|--|[-–—]\s|\]"
    rf"|\(|\)|$)|\s+(?:to|added|issued|of|from|by|on)\b)",
    re.I,
)
WRONG_HEADING = re.compile(
    rf"\W{{0,6}}(?:[\w'’]+ ){{0,2}}(?:{_WRONG_HEAD})(?: (?:and|&|to|of|in|from|on"
    rf"|for) .{{0,50}})?\W{{0,4}}$",
    re.I,
)
WRONG_CUES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\b(?:earlier|previous|original|initial|first|printed|older|prior) (?:version"
        r"|edition|cut|draft|revisions?|print|post"
        r"|release|copy|copies|figure|table|text|transcript|recording|headline)s?\b"
        r"|\bthe version (?:published|posted|sent)\b",
        r"\bshould (?:be|read|have (?:been|said|read)|instead|say)\b|\bought to (?:be|have"
        r"|read)\b|\bin place of\b|\bto read\b",
        r"\b(?:and|is|was|are|were|it is|it's|,|;) not\b|\bnot (?:\d|[$£€]|in \w+,? as\b"
        r"|the \w+ as\b)|\brather than\b|\binstead of\b|\bno longer\b",
        r"\b(?:wrong(?:ly)?|incorrect(?:ly)?|errors?|erroneous(?:ly)?|mistake(?:n|nly|s)?"
        r"|typos?|misprint|mis(?:stated|spel\w+|identif\w+"
        r"|attribut\w+|quot\w+|report\w+|label\w+|heard|read|took|calculat\w+|stat\w+)|mix-up"
        r"|mixed up|slip|inaccura\w+|transposed|garbled)\b",
        r"\b(?:sorry|apolog\w+|regret|regrets|my bad|our fault|thanks to (?:the|all"
        r"|several)? ?(?:readers?|everyone)|pointed (?:it )?out)\b",
        r"\b(?:has|have|had|was|were|is|are)(?: since| now"
        r"| therefore)*(?: been)? (?:corrected|amended|changed|updated|fixed|removed"
        r"|withdrawn|revised"
        r"|replaced|adjusted|retracted|restored|clarified|substituted|deleted)\b",
        r"\b(?:we|i) (?:originally|first|previously|initially|mistakenly|earlier|had|said"
        r"|wrote|reported|gave|stated|described|put|misread|printed)\b"
        r"|\b(?:originally|at first|previously|initially) (?:\w+ed|said|gave|wrote|put|read"
        r"|had|stated)\b|\bwas at first\b|\bas (?:first|originally|previously) \w+",
        r"\bto (?:make (?:it )?clear|clarify|correct|reflect|fix|remove)\b|\bfor clarity\b"
        r"|\bdisregard\b|\bsupersed\w+|\bin fact\b|\bin (?:paragraph|line|table|figure"
        r"|the abstract|section) ?\w*[,:]",
        r"\bthis (?:article|story|post|page|piece|report|text|transcript|episode|recipe"
        r"|version|release|item|entry|guide|column|interview)\b",
    )
)
SUMMARY_HEAD = re.compile(
    r"\W{0,6}(?:\d[\d.]*\s+)?(?:an? |the |our |in |at |this )?(?:(?:\w+ )?(?:summary|abstract"
    r"|synopsis|overview|takeaways?|highlights|headnote|nutshell|glance|digest"
    r"|pr[eé]cis|gist|upshot|essentials|headlines|bottom line|key (?:points?|facts?|findings?"
    r"|messages?|ideas?|learnings?)|short version"
    r"|main (?:points?|findings?|messages?)|tl;?\s?dr|in brief|in short|in summary|brief"
    r"|short|briefly|quick read|big picture|what you need to know"
    r"|what we (?:learned|found|decided)|decisions|outcomes?|standfirst|lede|description"
    r"|significance|in plain (?:english|words|language)"
    r"|(?:\w+ ){0,2}in (?:a minute|one minute|\d+ (?:seconds|words|points|sentences|lines)"
    r"|one (?:paragraph|sentence|page)|short|brief)|about (?:this|the) (?:episode|show|talk"
    r"|video|lecture|report|paper|book|podcast)"
    r"|executive summary|plain[- ]language summary|(?:three|five|four|\d+) (?:things|points"
    r"|takeaways)(?: .{0,40})?|the week in .{0,20}|why read this|episode notes|show notes"
    r"))\b(?P<rest>.{0,3})",
    re.I,
)
COMMENT_HEAD = re.compile(
    r"\W{0,6}(?:\(?\d[\d,.]*\)?\s+)?(?:(?:reader|user|your|our|all|view|show|recent|top"
    r"|viewer|public|latest|selected|written|some|join the|from the|what|best)s?(?:'|’)?s?\s+)*"
    r"(?:comments?|responses?|replies|letters(?: to the editor)?|reactions?|discussion|talk"
    r"|feedback|reviews?|views received|conversation|inbox|mailbag|postbag|messages"
    r"|guest ?book|thoughts|readers(?: write| say| respond)?|views|say|you (?:said|say|think"
    r"|told us)|submissions|testimonials|remarks|annotations|posts|answers|notes from readers"
    r"|community)"
    r"\b(?: (?:received|on|to|from|about|page|section|below)\b.{0,80})?\W*(?:\d[\d,.]*)?\W*$",
    re.I,
)
RELATED_HEAD = re.compile(
    r"\W{0,6}(?:explore |read |see |discover )?(?:more|related|also|most|recommended|trending"
    r"|keep|read|up|latest|elsewhere|you (?:may|might|could)|further|see also|other|previous"
    r"|next|explore"
    r"|popular|picked|don(?:'|’)t miss|from (?:the archives?|our|around|this)|similar"
    r"|cit(?:ing|ed)|who is|toolbox|tools|recent|in other news|if you liked?|people also"
    r"|best of|editors?(?:'|’)s?|continue|coming up|suggested|in this (?:series|section)"
    r"|sponsored|promoted|top (?:stories|reads|posts)|what(?:'|’)s (?:on|hot|new)|follow"
    r"|upcoming|featured|our partners|past)\b",
    re.I,
)
CREDIT = re.compile(
    r"\b(?:photo(?:graph)?s?|image|picture|illustration|video|credit|source|graphic)s?(?: by"
    r"|:| credit)",
    re.I,
)
TIME = re.compile(r"\b\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?\b", re.I)
AGO = re.compile(
    r"\b(?:\d+|an?|one|two|three|a few) ?(?:second|minute|min|hour|hr|day|week|month|year|yr"
    r"|[smhdwy])s?(?: ago)?\b.{0,12}$",
    re.I,
)
WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.I)
SAYS = re.compile(
    r"\b(?:says?|said|wrote|writes|replied|replies|commented|posted|answered|responds?"
    r"|asks)\b[^.!?]{0,60}:?$",
    re.I,
)
SIGNED = re.compile(
    r"(?:\s[-–—]{1,2}\s?|[.!?]\s+[*_(]|\n)[A-Z@][\w.'’ -]{1,30}(?:,[^.!?]{1,40})?[*_)]?$"
)

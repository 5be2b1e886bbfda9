"""The vocabulary that the community is drawn from, with spellings that break careless code."""

# (as displayed, as written in an address)
FIRST = (
    ("Amara", "amara"), ("Anaïs", "anais"), ("Aoife", "aoife"), ("Ben", "ben"),
    ("Björn", "bjorn"), ("Carla", "carla"), ("Chidi", "chidi"), ("Daniel", "daniel"),
    ("Deepa", "deepa"), ("Elif", "elif"), ("Emeka", "emeka"), ("Fatima", "fatima"),
    ("François", "francois"), ("Grace", "grace"), ("Hana", "hana"), ("Hugo", "hugo"),
    ("Inês", "ines"), ("Ivan", "ivan"), ("Jane", "jane"), ("José", "jose"),
    ("Kavya", "kavya"), ("Kenji", "kenji"), ("Lars", "lars"), ("Léa", "lea"),
    ("Ling", "ling"), ("Łukasz", "lukasz"), ("Maria", "maria"), ("Mateo", "mateo"),
    ("Mei", "mei"), ("Mohamed", "mohamed"), ("Nadia", "nadia"), ("Noor", "noor"),
    ("Olga", "olga"), ("Omar", "omar"), ("Priya", "priya"), ("Quentin", "quentin"),
    ("Rahul", "rahul"), ("Rosa", "rosa"), ("Sanjay", "sanjay"), ("Seán", "sean"),
    ("Sofia", "sofia"), ("Søren", "soren"), ("Tariq", "tariq"), ("Thảo", "thao"),
    ("Uma", "uma"), ("Vera", "vera"), ("Wei", "wei"), ("Yusuf", "yusuf"),
    ("Zoë", "zoe"), ("Zsófia", "zsofia"), ("美咲", "misaki"), ("김서연", "seoyeon"),
    ("Юлия", "yulia"), ("محمد", "muhammad"), ("Jo 🎉", "jo"), ('Robert "Bob"', "bob"),
)  # fmt: skip
LAST = (
    ("Adeyemi", "adeyemi"), ("Andersson", "andersson"), ("Bianchi", "bianchi"),
    ("Chen", "chen"), ("Costa", "costa"), ("D'Souza", "dsouza"), ("Díaz", "diaz"),
    ("Dubois", "dubois"), ("Eriksen", "eriksen"), ("Fischer", "fischer"), ("Garcia", "garcia"),
    ("Gupta", "gupta"), ("Haddad", "haddad"), ("Ito", "ito"), ("Iyer", "iyer"),
    ("Jansen", "jansen"), ("Khan", "khan"), ("Kowalski", "kowalski"), ("Kumar", "kumar"),
    ("Lee", "lee"), ("Lopez", "lopez"), ("Mehta", "mehta"), ("Moreau", "moreau"),
    ("Müller", "mueller"), ("Nguyen", "nguyen"), ("Nowak", "nowak"), ("O'Brien", "obrien"),
    ("Okafor", "okafor"), ("Öztürk", "ozturk"), ("Park", "park"), ("Patel", "patel"),
    ("Petrov", "petrov"), ("Rossi", "rossi"), ("Santos", "santos"), ("Schmidt", "schmidt"),
    ("Sharma", "sharma"), ("Silva", "silva"), ("Singh", "singh"), ("Smith, Jr.", "smith"),
    ("Suzuki", "suzuki"), ("Tanaka", "tanaka"), ("van der Berg", "vanderberg"),
    ("Wang", "wang"), ("Weiß", "weiss"), ("Yilmaz", "yilmaz"), ("Zhang", "zhang"),
)  # fmt: skip
COMPANIES = (
    "Acme", "Globex", "Initech", "Umbra Labs", "Northwind", "Blue Harbor", "Paper Kite",
    "Green Valley Foods", "Quanta Works", "Silver Fern", "Hexa Cloud", "Lumen & Sons",
    "Orbit Freight", "Delta Clinic", "Nimbus", "Old Mill Press", "Copper Peak", "Vanta Motors",
    "Kite Bank", "Riverside University", "Solar Grid", "Tandem", "Marble Arch Hotels",
    "Fjord Shipping", "Café Ámbar", "Zen Garden", "Atlas Maps", "Pioneer Health",
    "Bright Minds", "Echo Studio", "Falcon Air", "Terra Seeds",
)  # fmt: skip
# Stands for all of them, since no address may end in a real one; the seed free_mail_domains has it.
FREE_MAIL = "freemail.example.com"
PLACES = (
    ("Bengaluru", "India"), ("Mumbai", "India"), ("Delhi", "India"), ("London", "United Kingdom"),
    ("New York", "United States"), ("San Francisco", "United States"), ("Berlin", "Germany"),
    ("Zürich", "Switzerland"), ("São Paulo", "Brazil"), ("Lagos", "Nigeria"),
    ("Nairobi", "Kenya"), ("Singapore", "Singapore"), ("東京", "Japan"), ("Sydney", "Australia"),
    ("Kraków", "Poland"), ("Dubai", "United Arab Emirates"), ("Paris", "France"),
    ("México", "Mexico"), ("Toronto", "Canada"), ("Dublin", "Ireland"),
)  # fmt: skip
DESIGNATIONS = (
    "Marketing Manager", "Software Engineer", "Head of Events", "Data Analyst", "Founder",
    "Student", "VP, Sales", "Community Lead", "Product Manager", "HR Business Partner",
    "Teacher", "CTO", "Researcher", "Customer Success", 'Chief "Everything" Officer',
)  # fmt: skip
# (zone, hours from UTC, near enough to start events in its office hours)
ZONES = (
    ("Asia/Kolkata", 5.5), ("Europe/London", 0), ("America/New_York", -5),
    ("America/Los_Angeles", -8), ("Europe/Berlin", 1), ("Asia/Singapore", 8), ("UTC", 0),
    ("Australia/Sydney", 10), ("America/Sao_Paulo", -3), ("Africa/Lagos", 1),
    ("Asia/Kathmandu", 5.75), ("Asia/Tokyo", 9),
)  # fmt: skip
TOPICS = (
    "Product", "Growth", "Data", "Community", "Design", "Alumni", "Careers", "Cloud", "AI",
    "Sustainability", "Security", "Developer", "Healthcare", "Fintech", "Teaching", "Müsli & Code",
    "東京", "Women in Tech", "Open Source", "Customer",
)  # fmt: skip
FORMATS = (
    "Summit", "Webinar", "Meetup", "Town Hall", "Workshop", "Fair", "Hackathon 🚀", "Roundtable",
    'Q&A: "ask us anything"', "Kick-off", "Fireside Chat", "Conference",
)  # fmt: skip
SESSIONS = (
    "Welcome", "Keynote", "Panel", "Lightning Talks", "Demo", "Networking", "Deep Dive",
    "Workshop", "Ask the Experts", "Case Study", "Awards 🏆", "Closing, and what's next",
)  # fmt: skip
TAGS = ("Hiring", "Cloud", "Payments", "Non-profit", "Giveaway", "Hardware", "Consulting")
# (label, name, input type, options)
FIELDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("What do you hope to learn?", "hope", "text", ()),
    ("Company size", "companySize", "radio", ("1-10", "11-50", "51-500", "500+")),
    ("Topics of interest", "topics", "checkbox", ("Data", "Design", "Sales", "R&D", "Autre, é")),
    ("How did you hear of us?", "heard", "radio", ("Friend", "Search", 'The "Weekly"', "Other")),
    ("Phone", "phone", "text", ()),
    ("Dietary needs / Régime 🥗", "diet", "checkbox", ("None", "Vegan", "Halal", "Gluten-free")),
)
WISHES = (
    "New ideas", "Meeting people", "how to keep a community alive", "Pricing; and budgets",
    "Tips, tricks", "AI 🤖", "Best practices", 'What "success" means', "données & modèles",
)  # fmt: skip
# (question, answers, whether several may be chosen)
POLLS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("Where are you joining from?", ("Home", "Office", "On the road"), False),
    ("How large is your team?", ("Just me", "2-10", "11-50", "More"), False),
    ("Which topic next?", ("Data", "Design", "Hiring", "Something else"), True),
    ("Would you come again?", ("Yes 👍", "Maybe", "No"), False),
    ('Was the "deep dive" deep enough?', ("Yes", "Too deep", "Too shallow"), False),
    ("¿Qué tal el sonido?", ("Bien", "Regular", "Mal"), False),
    ("What brought you here?", ("The topic", "The speakers", "Friends, colleagues"), True),
)
QUESTIONS = (
    "Will the slides be shared?", "How does this work with a small budget?",
    "Is there a recording?", "What would you do differently?\nAnd why?",
    "Can you repeat the name of that tool?", "How do you measure \"engagement\"?",
    "¿Habrá una versión en español?", "What about privacy?", "🙌 thanks! When is the next one?",
    "Which metric mattered most?", "Does it run offline?", "How large was the team, at first?",
)  # fmt: skip
# (source, medium, campaign) as links to a registration page carry them
CAMPAIGNS: tuple[tuple[str, str, str], ...] = (
    ("newsletter", "email", "spring"), ("linkedin", "social", "spring"),
    ("LinkedIn", "social", "partners"), ("google", "cpc", "brand & more"),
    ("partner.example.com", "referral", "partners"), ("twitter", "social", "été 2025"),
)  # fmt: skip

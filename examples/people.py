"""Names, places, products, communities and ideas of the example: a coffee roaster that does not exist."""

# ruff: noqa: SIM905

FIRST = {
    "tr": (
        "Ayşe Fatma Zeynep Elif Merve Büşra Esra Gül Hatice İrem Özge Şule Tuğba Yağmur Çiğdem Derya Ebru Nazlı "
        "Sevgi Ümmühan Ahmet Mehmet Mustafa Ali Hüseyin Emre Burak Can Deniz Efe Furkan Gökhan Halil İbrahim "
        "Kerem Onur Ömer Serkan Şahin Tolga Uğur Umut Volkan Yiğit Çağrı Işık Ilgaz Ozan Barış Kaan"
    ).split(),
    "en": (
        "Alice Amelia Ava Beth Chloe Daisy Ella Emily Freya Grace Hannah Holly Isla Jane Lucy Megan Mia Nora "
        "Olivia Poppy Adam Alfie Ben Callum Charlie Daniel Ethan Finn George Harry Isaac Jack James Leo Liam "
        "Logan Luke Mason Max Nathan Noah Oliver Oscar Owen Rhys Sam Theo Thomas William Zach"
    ).split(),
}
LAST = {
    "tr": (
        "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Kara "
        "Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğan Güneş Işık Bulut Keskin Ünal Turan Gül Avcı Tekin "
        "Sarı Coşkun Bozkurt Uçar Duman Ateş Ekinci"
    ).split(),
    "en": (
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White "
        "Roberts Green Hall Wood Jackson Clarke Turner Hill Cooper Ward Morris Moore Baker Harris King Lee "
        "Allen Young Scott Carter Mitchell Parker Bennett Shaw Gray Bell"
    ).split(),
}
CITIES = {
    "tr": ["İstanbul", "Ankara", "İzmir", "Bursa", "Eskişehir", "Antalya", "Trabzon", "Diyarbakır"],
    "en": ["London", "Manchester", "Bristol", "Edinburgh", "Leeds", "Dublin"],
}
CHANNELS = ["forum", "instagram", "x", "youtube", "app"]

# id, name, category
GRINDER = "degirmen-2"
PRODUCTS = [
    ("espresso-one", "Köpük One", "machine"),
    ("sut-kopurtucu", "Köpük Süt", "machine"),
    ("degirmen-1", "Değirmen 1", "grinder"),
    (GRINDER, "Değirmen 2", "grinder"),
    ("kapsul-klasik", "Kapsül Klasik", "capsule"),
    ("kapsul-koyu", "Kapsül Koyu", "capsule"),
    ("anadolu", "Anadolu Harmanı", "beans"),
    ("karadeniz", "Karadeniz Filtre", "beans"),
    ("turk-kahvesi", "Köpük Türk Kahvesi", "beans"),
]

# id, name, language, share of people; the fault begins in the first, the loud group is the second
ORIGIN = "ankara-espresso"
LOUD = "kapsul-kulubu"
COMMUNITIES = [
    (ORIGIN, "Ankara Espresso", "tr", 0.11),
    (LOUD, "Kapsül Kulübü", "tr", 0.16),
    ("istanbul-demleme", "İstanbul Demleme", "tr", 0.17),
    ("ege-kavurma", "Ege Kavurma", "tr", 0.10),
    ("turk-kahvesi-sevenler", "Türk Kahvesi Sevenler", "tr", 0.12),
    ("home-baristas", "Home Baristas", "en", 0.12),
    ("latte-art", "Latte Art", "en", 0.08),
    ("filter-friends", "Filter Friends", "en", 0.08),
    ("office-coffee", "Office Coffee", "en", 0.06),
]

# id, title, question, opens, closes; the last stays open
CHALLENGES = [
    (
        "next-product",
        "What should we make next?",
        "Which product do you miss? / Hangi ürünü özlüyorsunuz?",
        20,
        175,
    ),
    (
        "greener",
        "Less waste / Daha az çöp",
        "How can coffee leave less behind? / Kahve nasıl daha az çöp bırakır?",
        60,
        178,
    ),
    (
        "every-day",
        "Ideas for every day / Her gün için fikirler",
        "What would make every day better? / Her günü ne iyileştirir?",
        5,
        None,
    ),
]

WANTED = "refill"
LOUD_IDEA = "premium-capsule"
# id, challenge, leaning (capsule friends 1 … bean friends −1), appeal for all, title
IDEAS = [
    (WANTED, "next-product", 0.0, 0.82, "Geri dolum kutusu: a tin that every shop refills"),
    (LOUD_IDEA, "next-product", 1.0, 0.50, "Metal capsules with a premium blend"),
    ("capsule-sub", "next-product", 0.9, 0.50, "Capsule subscription with a free machine"),
    ("capsule-decaf", "next-product", 0.8, 0.50, "Kafeinsiz kapsül"),
    ("capsule-turk", "next-product", 0.8, 0.45, "Türk kahvesi kapsülü"),
    ("capsule-return", "greener", 0.5, 0.60, "Kapsül iade kutusu: collect capsules at the shops"),
    ("capsule-tower", "next-product", 0.9, 0.40, "Kapsül kulesi: a stand for 60 capsules"),
    ("stop-capsules", "greener", -1.0, 0.50, "Stop selling aluminium capsules"),
    ("hand-grinder", "next-product", -0.7, 0.55, "El değirmeni: a hand grinder for travel"),
    ("single-origin", "next-product", -0.8, 0.55, "Single origin beans every month"),
    ("light-roast", "next-product", -0.8, 0.50, "Açık kavrum serisi"),
    ("green-beans", "next-product", -0.9, 0.40, "Sell green beans for home roasting"),
    (
        "roast-date",
        "every-day",
        -0.4,
        0.70,
        "Print the roast date on every bag / Kavrum tarihi paketin üstünde olsun",
    ),
    ("spare-parts", "every-day", -0.2, 0.75, "Spare parts for ten years / On yıl yedek parça"),
    ("oat-milk", "next-product", 0.0, 0.55, "Yulaf sütü"),
    ("cold-brew", "next-product", 0.0, 0.60, "Soğuk demleme şişesi / cold brew bottle"),
    ("paper-filter", "greener", -0.3, 0.62, "Unbleached filters / Ağartılmamış filtre"),
    ("no-plastic", "greener", -0.1, 0.72, "No plastic tape on parcels / Kolilerde plastik bant olmasın"),
    ("cup-discount", "greener", 0.0, 0.74, "Kendi bardağını getirene indirim"),
    ("grounds", "greener", -0.2, 0.66, "Give used grounds to gardens / Telveyi bahçelere verin"),
    ("early-open", "every-day", 0.1, 0.50, "Open at six / Sabah altıda açın"),
    ("late-open", "every-day", 0.1, 0.48, "Open until midnight / Gece yarısına kadar açık"),
    ("loyalty", "every-day", 0.3, 0.62, "Onuncu kahve bedava"),
    ("app-dark", "every-day", 0.0, 0.52, "Dark mode in the app / Uygulamada koyu tema"),
    ("app-reorder", "every-day", 0.2, 0.58, "Reorder with one tap / Tek dokunuşla tekrar sipariş"),
    ("music", "every-day", 0.0, 0.35, "Quieter music in the shops / Daha kısık müzik"),
    ("raise-price", "greener", -0.5, 0.25, "Pay farmers more, even if a bag costs 10 % more"),
    ("robot", "every-day", 0.3, 0.20, "Robot baristas"),
    ("nft", "every-day", 0.2, 0.08, "Köpük NFT koleksiyonu"),
    ("pumpkin", "next-product", 0.3, 0.30, "Balkabağı baharatlı kahve"),
]
MORE = [
    ("Kurs: {x} için hafta sonu atölyesi", "every-day"),
    ("{x}: a video guide in two languages", "every-day"),
    ("{x} için uzun garanti", "every-day"),
    ("Rent {x} before you buy", "next-product"),
    ("Smaller pack of {x} / {x} küçük boy", "next-product"),
    ("{x} için yedek parça seti", "greener"),
]

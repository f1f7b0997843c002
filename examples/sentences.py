"""What the people of the example say, in Turkish and English: {p} is a product, {c} a city, {n} a number."""

PRAISE = {
    "tr": [
        "{p} ile sabahlarım değişti, bayıldım",
        "{p} gerçekten harika, kesinlikle tavsiye ederim",
        "İki aydır {p} kullanıyorum, çok memnunum",
        "{p} bu fiyata mükemmel, teşekkürler Köpük",
        "{p} aldım ve pişman değilim, köpüğü çok güzel oluyor",
        "Kargo hızlı, paket özenli, {p} beklediğimden iyi çıktı",
        "{c} şubesindeki ekip çok ilgiliydi, {p} seçmemde yardımcı oldular, sağ olsunlar",
        "Bu sabah {p} ile yaptığım kahve şahaneydi",
        "Annem de {p} istedi, o kadar sevdi 😊",
        "Destek ekibi {n} dakikada döndü, sorunumu çözdü, süper hizmet",
        "{p} sessiz, hızlı ve kullanışlı, çok beğendim",
        "Tadı enfes. {p} için elinize sağlık",
        "{n}. poşetimi bitirdim, {p} hâlâ en sevdiğim kahve",
        "Şikâyetimi dinlediler ve hemen yenisini yolladılar, teşekkür ederim Köpük ❤️",
    ],
    "en": [
        "{p} changed my mornings, I love it",
        "Honestly {p} is excellent, I recommend it to everybody",
        "Two months with {p} and I am very happy",
        "{p} is great value, thank you Köpük",
        "Bought {p} last week, no regrets, the foam is lovely",
        "Fast delivery, careful packaging, {p} is better than I expected",
        "The team at the {c} shop were so helpful when I chose {p}",
        "This morning's coffee from {p} was wonderful",
        "My mother wants {p} too, she enjoyed it that much 😊",
        "Support answered in {n} minutes and solved it, superb service",
        "{p} is quiet, quick and a pleasure to use",
        "Delicious. Well done with {p}",
        "Bag number {n} and {p} is still my favourite coffee",
        "They listened to my complaint and sent a new one at once, thanks Köpük ❤️",
    ],
}

COMPLAINT = {
    "tr": [
        "{p} bu ay çok acı geldi, hiç beğenmedim",
        "Kargom {n} gündür gelmedi, berbat bir hizmet",
        "{p} kutusu ezik geldi, hayal kırıklığı",
        "Uygulama yine çöktü, siparişi tamamlayamadım, rezalet",
        "Fiyatlar çok pahalı oldu, {p} artık bu parayı hak etmiyor",
        "Müşteri hizmetleri ilgisiz, {n} kere aradım sonuç yok",
        "{c} şubesinde {p} yine tükenmiş, sinir bozucu",
        "{p} beklediğim gibi değil, kötü bir deneyim",
    ],
    "en": [
        "{p} tastes bitter this month, I do not like it",
        "My parcel is {n} days late, terrible service",
        "The {p} box arrived crushed, disappointing",
        "The app crashed again and I lost my order, awful",
        "Too expensive now, {p} is not worth the money",
        "Support does not care, I called {n} times for nothing",
        "{p} sold out again in {c}, so annoying",
        "{p} is not what I hoped for, a bad experience",
    ],
}

FAULT = {
    "tr": [
        "{p} {n} haftada bozuldu, motoru yanık kokuyor, berbat",
        "{p} çalışırken durdu, bir daha açılmadı, rezalet bir ürün",
        "{p} arızalı çıktı, kimse de sorumluluk almıyor, çok kötü",
        "Yine {p}, yine arıza. Paramı geri istiyorum",
        "{p} aşırı ısınıyor, tehlikeli, sakın kullanmayın",
        "{p} bozuk, servis {n} gündür oyalıyor, pişmanım",
        "Bende de {p} aynı şekilde bozuldu, büyük hayal kırıklığı",
        "{p} çekirdeği öğütmüyor, sıkışıp kalıyor, berbat oldu",
    ],
    "en": [
        "{p} broke after {n} weeks, the motor smells burnt, terrible",
        "{p} stopped in the middle and never started again, useless product",
        "My {p} arrived faulty and nobody takes responsibility, very bad",
        "{p} failed again. I want my money back, awful",
        "{p} overheats, it is dangerous, do not use it",
        "{p} is broken, the service has been stalling for {n} days, I regret buying it",
        "Mine broke the same way, {p} is a big disappointment",
        "{p} does not grind, it jams and dies, horrible",
    ],
}

QUESTION = {
    "tr": [
        "{p} için kaç gram koyuyorsunuz?",
        "{p} bugün {c} şubesinde var mı?",
        "{p} ile hangi çekirdeği kullanıyorsunuz?",
        "Öğütücü ayarını {n} yaptım, sizde kaç?",
        "{c} buluşması cumartesi {n}:00 gibi mi?",
        "{p} kaç ayda bir temizleniyor?",
        "Bugün {n} bardak kahve içtim",
        "{p} kargosu {c} için kaç gün sürüyor?",
    ],
    "en": [
        "How many grams do you use for {p}?",
        "Is {p} in the {c} shop today?",
        "Which beans do you use with {p}?",
        "My grinder is at setting {n}, what is yours?",
        "Is the {c} meetup on Saturday at {n}?",
        "How often do you clean {p}?",
        "{n} cups of coffee today",
        "How many days is shipping of {p} to {c}?",
    ],
}

HOWTO = {
    "tr": [
        "{p} için tarifim: 1{n} gram kahve, 30 saniye. Sonuç harika, deneyin",
        "Yeni başlayanlara {p} öneririm: kolay, sessiz ve çok güzel kahve yapıyor",
        "{p} temizliğini adım adım anlattım, böylece ilk günkü gibi mükemmel çalışıyor",
        "{p} ile {n} ay: hâlâ çok memnunum, sorusu olan yazsın",
        "{c} buluşmasında {p} ile demledik, herkes bayıldı",
    ],
    "en": [
        "My recipe for {p}: 1{n} grams, 30 seconds. The result is great, try it",
        "For beginners I recommend {p}: easy, quiet, and it makes lovely coffee",
        "I wrote down how to clean {p} step by step, it works perfectly like on day one",
        "{n} months with {p}: still very happy, ask me anything",
        "We brewed with {p} at the {c} meetup, everybody loved it",
    ],
}

THANKS = {
    "tr": [
        "Çok teşekkürler, anlattığın gibi yaptım, harika oldu",
        "Sayende aldım, çok memnunum",
        "Ellerine sağlık, çok faydalı bir yazı",
        "Tarifini denedim, mükemmel",
        "Tavsiyen için teşekkür ederim, bayıldım",
        "Harika anlatmışsın, sağ ol 👏",
    ],
    "en": [
        "Thank you so much, did as you said and it is great",
        "Bought it because of you, very happy",
        "Such a helpful post, thanks",
        "Tried your recipe, perfect",
        "Thanks for the recommendation, love it",
        "Great explanation, thank you 👏",
    ],
}

WARNED = {
    "tr": [
        "Uyardığın için teşekkürler",
        "İyi ki yazmışsın, sağ ol, sayende almadım",
        "Teşekkür ederim, çok faydalı bilgi",
        "Sende hangi seri numarası var?",
        "Hangi tarihte almıştın?",
        "Servis ne dedi?",
    ],
    "en": [
        "Thank you for the warning",
        "Good that you wrote this, thanks, very helpful",
        "Thanks, useful to know",
        "Which serial number is yours?",
        "When did you buy it?",
        "What did the service say?",
    ],
}

ANSWER = {
    "tr": [
        "Ben 1{n} gram koyuyorum",
        "Bende {n} numara",
        "Evet, dün vardı",
        "Haftada bir",
        "Bence önce suyu ölç",
    ],
    "en": [
        "I use 1{n} grams",
        "Mine is at {n}",
        "Yes, it was there yesterday",
        "Once a week",
        "Measure the water first",
    ],
}

QUARREL = {
    "tr": ["Hiç katılmıyorum, bu tavsiye çok kötü", "Yanlış bilgi, lütfen böyle yazma", "Saçma bir yorum"],
    "en": [
        "I disagree, this is bad advice",
        "Wrong information, please do not post this",
        "What a silly comment",
    ],
}

RING = {
    "tr": [
        "Köpük efsane, {who} haklı, en iyisi {p} 🔥🔥",
        "{who} yine çok güzel yazmış, {p} mükemmel 🔥",
        "Herkes {who} takip etsin, harika biri, {p} süper",
    ],
    "en": [
        "Köpük is legendary, {who} is right, {p} is the best 🔥🔥",
        "{who} wrote another great post, {p} is perfect 🔥",
        "Everybody follow {who}, amazing person, {p} is superb",
    ],
}

STAFF = {
    "tr": ["Merhaba, mesajınızı aldık, size özelden yazıyoruz", "Merhaba, talebiniz ilgili ekibe iletildi"],
    "en": ["Hello, we have your message and are writing to you", "Hello, your request is with the team"],
}

TAILS = {
    "tr": [
        "",
        "",
        "",
        " Siz ne dersiniz?",
        " #köpük",
        " {c} şubesinden selamlar",
        " ☕",
        " Not ettim.",
        " Bugün yine.",
        " (fotoğraf yolda)",
    ],
    "en": [
        "",
        "",
        "",
        " What do you think?",
        " #kopuk",
        " Greetings from {c}",
        " ☕",
        " Noted.",
        " Again today.",
        " (photo follows)",
    ],
}

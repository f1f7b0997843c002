"""Lines as customers write them, each labelled by hand: most of them are read right."""

import pytest

from jobs.algorithms.mood import Label
from jobs.algorithms.sentiment import analyse

TURKISH_PRAISE = """
Ürün elime ulaştı, kalitesine bayıldım
Beklediğimden çok daha iyi çıktı
Kesinlikle pişman olmazsınız
Fiyatına göre on numara
Hızlı kargo, sağlam paketleme
Kullanımı gayet pratik ve rahat
Annem çok sevdi
Tam istediğim gibi geldi
Bu fiyata kaçmaz
Herkese gönül rahatlığıyla öneririm
Kargo geç geldi ama değdi
hic sikayetim yok
iki yildir kullaniyorum en ufak bir problem yasamadim
Sesi çok net, bası da güçlü
Şarjı uzun gidiyor
Garsonlar ilgiliydi
Tadı damağımda kaldı
Süpersiniz 👏
Sorunumu beş dakikada çözdüler
Elinize sağlık
Bir daha olsa yine alırım
Yok böyle bir lezzet
Kalitesinden ödün vermiyorlar
Ekip çok yardımcı oldu
Fena değil, iş görür
Kahveniz gerçekten çok lezzetli
Aldığım en iyi mont
Paket sapasağlam ulaştı
Kızım bayıldı, çok teşekkürler
Bu markaya güveniyorum
Ilk siparisimdi, cok memnun kaldim
Kumaşı yumuşacık
Sade ve şık bir tasarım
Dört yıldır aynı performansla çalışıyor
Müşteri hizmetleri çok ilgilendi
Hiç üzmedi beni
Gönderim çok hızlıydı
Kesinlikle fiyatını hak ediyor
Yeni şubeniz çok güzel olmuş
İndirimden aldım çok sevindim
Beklentimin üzerinde bir ürün
Mükemmel ötesi
Hic dusunmeden alin
Rengi tam istediğim gibi
Bravo size
"""

TURKISH_COMPLAINTS = """
Bir hafta kullandım bozuldu
Parama yazık oldu
Sakın almayın
Görseldeki ürünle alakası yok
Üç haftadır kargom gelmedi
Müşteri temsilcisi yüzüme kapattı
Kumaşı çok kalitesiz, ilk yıkamada çekti
Almaz olaydım
Beş para etmez
Para iadesi yapmıyorlar
Yemek soğuk geldi
Bu kadar kötü hizmet görmedim
Uygulama sürekli donuyor
Tadını hiç sevmedim
guzel degil
Bekledigim gibi cikmadi
Bir daha asla
Telefonlara cevap vermiyorlar
Ürün kullanılmış gibiydi, çizikler vardı
Şarjı çabuk bitiyor
Işe yaramıyor
Hiç de söylendiği gibi değil
Ne aradılar ne sordular
Fiyat performans ürünü değil
Kalite beklemeyin
Rezil bir deneyimdi
Ürün eksik geldi
Para tuzağı
Keşke almasaydım
Daha iyisi olabilirdi
Bu ürünü kimseye önermem
İki gün dayanmadı
Kargo görevlisi çok kabaydı
Bana yanlış beden göndermişler
Siparişim iptal edilmiş, haber veren yok
Aldığıma bin pişmanım
Kapağı kırık geldi
Böyle bir saygısızlık görmedim
Hep aynı sorun
Site açılmıyor
Uygulamayı sildim
Reklamlardan bıktım
Kahve buz gibiydi
Param hala yatmadı
Bu nasıl hizmet anlamadım
Kalitesi çok düşmüş
hayal kirikligi
hic begenmedim iade edecegim
Paramı geri istiyorum
Dolandırıldım resmen
Yazdığım mesajlara dönmüyorlar
Çok pahalı buldum
Ses kalitesi berbat
Ütü tutmuyor, hemen buruşuyor
Şikayetlerimi dinlemediler
"""

TURKISH_FACTS = """
Siparişimi ne zaman gönderirsiniz?
Ürün bugün elime ulaştı
Mavi rengi var mı?
Kaç beden almalıyım?
Şubeniz pazar günü açık mı
Ürünün boyu 20 cm
Kargo takip numaramı paylaşır mısınız
Yarın Ankara'ya gidiyorum
Dün iki tane sipariş verdim
Yeni mağaza Kadıköy'de açıldı
Ürün bana hediye olarak geldi
Kargom hangi şubede?
Cumartesi günü çalışıyor musunuz
Bu modelin siyahı var mı
Fiyatı ne kadar acaba
Toplantı saat ikide başlayacak
Menüye iki yeni çeşit eklenmiş
Hangi bankalarla taksit var
Ben M beden aldım
Yazılım sürümü 4.2
"""

ENGLISH_PRAISE = """
Really happy with the service
Arrived a day early, brilliant
No complaints at all
Couldn't be happier
Works like a charm
Best purchase this year
The staff went above and beyond
Never had a problem with them
Delivery was late but the support was wonderful
Worth every penny
It does exactly what it says
Would buy again
Super easy to set up
Thanks for the quick reply!
My kids love it
"""

ENGLISH_COMPLAINTS = """
Still waiting for my order
It stopped working after two days
Customer service hung up on me
Don't waste your money
Not worth the price
I want my money back
Nobody answers the phone
Looks nothing like the picture
Arrived broken
Never again
They charged me twice
The zipper fell off on day one
Way too expensive for what it is
On hold for 2 hours
Great product but the delivery was terrible
"""

LEAST = 0.85


@pytest.mark.parametrize(
    ("lines", "label"),
    [
        (TURKISH_PRAISE, Label.POSITIVE),
        (TURKISH_COMPLAINTS, Label.NEGATIVE),
        (TURKISH_FACTS, Label.NEUTRAL),
        (ENGLISH_PRAISE, Label.POSITIVE),
        (ENGLISH_COMPLAINTS, Label.NEGATIVE),
    ],
    ids=["Turkish praise", "Turkish complaints", "Turkish facts", "English praise", "English complaints"],
)
def test_most_lines_are_read_right(lines: str, label: Label) -> None:
    texts = lines.strip().splitlines()
    wrong = [text for text in texts if analyse(text).mood.label is not label]
    assert len(wrong) <= (1 - LEAST) * len(texts), wrong

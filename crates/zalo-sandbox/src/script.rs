//! Invented customers and talks, in Vietnamese, the same for the same seed.

use loa_kernel::{Random, SeededRandom, Timestamp};

use crate::control::seed::{By, Generate, Seed, SeedMessage, SeedThread, SeedUser};
use crate::control::{NewMessage, UserChange};
use crate::media::STICKERS;
use crate::model::{Kind, Person, Shared};

const FAMILY: &[&str] = &[
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
    "Dương", "Lý", "Đinh", "Mai", "Trịnh", "Cao",
];
const WOMEN: &[&str] = &[
    "Thị Hồng Đào",
    "Thu Trang",
    "Ngọc Ánh",
    "Minh Châu",
    "Thanh Hà",
    "Bảo Ngọc",
    "Phương Linh",
    "Mỹ Duyên",
    "Hải Yến",
    "Kim Oanh",
    "Thùy Dương",
    "Khánh Vy",
    "Diễm My",
    "Cẩm Tú",
    "Lan Hương",
    "Quỳnh Như",
];
const MEN: &[&str] = &[
    "Văn Ân",
    "Minh Quân",
    "Đức Huy",
    "Quốc Bảo",
    "Anh Tuấn",
    "Hữu Phước",
    "Gia Khang",
    "Thành Đạt",
    "Trung Kiên",
    "Hoàng Long",
    "Công Danh",
    "Nhật Minh",
    "Xuân Trường",
    "Tấn Phát",
    "Ngọc Sơn",
    "Việt Anh",
];
const PRODUCTS: &[&str] = &[
    "váy lụa xanh",
    "áo sơ mi linen",
    "túi cói",
    "giày búp bê",
    "đầm maxi hoa",
    "áo khoác gió",
    "quần ống rộng",
    "khăn lụa",
    "chân váy xếp ly",
    "set đồ bộ",
    "áo len cổ lọ",
    "ví da nhỏ",
];
const PRICES: &[&str] = &["189k", "225k", "259k", "310k", "345k", "390k", "420k", "465k"];
const STREETS: &[&str] = &[
    "12 Lê Lợi, Quận 1",
    "45 Trần Phú, Hải Châu",
    "8 ngõ 102 Láng Hạ",
    "230 Nguyễn Trãi",
    "77 Hùng Vương",
    "19 Phan Chu Trinh",
];

/// A line: `>` by the customer, `<` by the OA, `T` in Zalo's own tool. `{p}` product, `{g}` price, `{d}` address.
/// `[photo]` is a picture, `[sticker]` a sticker, `[place]` a location.
const TALKS: &[&[&str]] = &[
    &[
        ">Shop ơi {p} còn không ạ?",
        "<Dạ còn ạ, chị lấy size nào để em giữ hàng?",
        ">Size M nha em",
        "<Dạ mẫu này giá {g}, bên em miễn phí vận chuyển đơn từ 300k ạ",
        ">Ok em chốt cho chị 1 cái, giao về {d}",
        "<Em lên đơn rồi ạ, khoảng 2 ngày nữa hàng tới. Em cảm ơn chị!",
        ">[sticker]",
    ],
    &[
        ">[photo]",
        ">Mẫu này bên mình có không shop",
        "<Dạ mẫu {p} này bên em vừa về ạ",
        "<[photo]",
        ">Đẹp quá, giá sao em?",
        "<Dạ {g} ạ, mua 2 tặng 1 khăn nhỏ",
        ">Để chị hỏi bạn rồi báo lại nha",
    ],
    &[
        ">Em ơi chị đặt {p} hôm thứ hai mà chưa thấy giao",
        "<Dạ chị cho em xin số điện thoại đặt hàng ạ",
        ">0903 xxx 218",
        "TDạ em kiểm tra thấy đơn đang ở kho Thủ Đức, chiều nay giao chị nhé",
        ">Ok cảm ơn em",
    ],
    &[
        ">Shop cho mình đổi size {p} được không, mặc hơi chật",
        "<Dạ được ạ, trong 7 ngày và còn tem mác là đổi được ạ",
        ">Mình gửi về đâu?",
        "<[place]",
        "<Dạ chị gửi về địa chỉ này giúp em, phí đổi bên em chịu ạ",
        ">Cảm ơn shop nhiều",
    ],
    &[
        ">Giá {p} bao nhiêu vậy",
        "<Dạ {g} ạ",
        ">Có bớt không?",
        "<Dạ giá đã giảm 10% rồi ạ, chị lấy 2 cái em giảm thêm 20k",
        ">Vậy lấy 2 cái nha",
        "<Dạ chị cho em xin địa chỉ",
        ">{d}",
    ],
    &[
        ">Chào shop, cuối tuần có mở cửa không ạ?",
        "<Dạ bên em mở từ 8h30 đến 21h cả thứ bảy chủ nhật ạ",
        ">Cửa hàng gần {d} nhất ở đâu em",
        "<[place]",
    ],
    &[
        ">Cho em hỏi {p} chất liệu gì ạ",
        "<Dạ vải lụa tơ, mát và không nhăn ạ",
        ">Giặt máy được không shop",
        "<Dạ giặt túi, nước lạnh là được ạ",
    ],
    &[
        ">Shop ơi em nhận hàng rồi, đẹp lắm ạ",
        ">[photo]",
        "<Dạ em cảm ơn chị nhiều ạ, chị cho shop xin 1 đánh giá 5 sao nha",
        ">[sticker]",
    ],
    &[
        ">Mình muốn lấy sỉ {p}, khoảng 30 cái",
        "<Dạ chị cho em xin số điện thoại, bộ phận sỉ gọi lại chị ngay ạ",
        ">0918 xxx 660",
        "TDạ giá sỉ từ 30 cái là {g}, chị chuyển cọc 30% giúp em ạ",
        ">Ok để chị tính",
    ],
    &[
        ">Có ai trực không ạ?",
        ">Mình cần gấp {p} cho tối nay",
        "<Dạ có em đây ạ, chị ở khu vực nào em giao hỏa tốc",
        ">{d}",
        "<Dạ khoảng 45 phút có hàng, phí ship 35k chị nhé",
        ">Ok luôn em",
    ],
    &[
        ">Shop tư vấn giúp mình chọn quà cho mẹ với",
        "<Dạ bác mình khoảng bao nhiêu tuổi ạ?",
        ">Mẹ mình 58, thích màu trầm",
        "<Dạ em gợi ý {p} màu nâu trầm, giá {g} ạ",
        "<[photo]",
        ">Đẹp, để mình suy nghĩ",
    ],
    &[
        ">Mã giảm giá SALE20 còn dùng được không shop",
        "<Dạ mã còn đến hết chủ nhật ạ",
        ">Sao mình nhập bị báo lỗi",
        "<Dạ chị chụp màn hình giúp em với ạ",
        ">[photo]",
    ],
];

fn pick(dice: &SeededRandom, list: &[&'static str]) -> &'static str {
    list[usize::try_from(dice.below(list.len() as u64)).unwrap_or(0)]
}

/// A person: name, whether a woman, and an id.
fn person(dice: &SeededRandom) -> (String, bool, String) {
    let woman = dice.below(10) < 7;
    let name = format!("{} {}", pick(dice, FAMILY), if woman { pick(dice, WOMEN) } else { pick(dice, MEN) });
    let mut id = [0u8; 8];
    dice.fill(&mut id);
    (name, woman, format!("9{:018}", u64::from_be_bytes(id) % 1_000_000_000_000_000_000))
}

/// Invents people without talks: each interacted at some moment of the last `days` days, six of ten follow, and one of
/// three has shared their details.
pub fn people(seed: u64, count: usize, days: u32, now: Timestamp) -> impl Iterator<Item = Invented> {
    let dice = SeededRandom::new(seed);
    let span_ms = u64::from(days.max(1)) * 24 * 3600 * 1000;
    (0..count).map(move |n| {
        let (name, woman, id) = person(&dice);
        let hue = u16::try_from(dice.below(360)).unwrap_or_default();
        let ago = i64::try_from(dice.below(span_ms)).unwrap_or_default();
        let shared = (dice.below(3) == 0).then(|| Shared {
            name: Some(name.clone()),
            phone: Some(format!("849{:08}", dice.below(100_000_000))),
            address: Some(pick(&dice, STREETS).to_owned()),
            city: Some(pick(&dice, &["Hồ Chí Minh", "Hà Nội", "Đà Nẵng", "Hải Phòng", "Cần Thơ"]).to_owned()),
            user_dob: Some(format!(
                "{:02}/{:02}/{}",
                1 + dice.below(28),
                1 + dice.below(12),
                1970 + dice.below(38)
            )),
            gender: Some(if woman { "Nữ" } else { "Nam" }.to_owned()),
            ..Shared::default()
        });
        let person = Person { id, name, hue, phone: None, minor: n % 97 == 0, created_at: now };
        Invented { person, follower: dice.below(10) < 6, interacted_at: now.plus_ms(-ago), shared }
    })
}

/// A person without talks.
pub struct Invented {
    /// Who.
    pub person: Person,
    /// Follows the OA.
    pub follower: bool,
    /// Last interaction.
    pub interacted_at: Timestamp,
    /// Details that they shared.
    pub shared: Option<Shared>,
}

/// Invents people and talks.
pub fn invent(ask: &Generate, now: Timestamp) -> Seed {
    let dice = SeededRandom::new(ask.seed);
    let span_ms = i64::from(ask.days.unwrap_or(21).max(1)) * 24 * 3600 * 1000;
    let mut users = Vec::with_capacity(ask.users);
    let mut left = ask.messages;
    for i in 0..ask.users {
        let (name, _, id) = person(&dice);
        let oa_id = ask.oa_ids[i % ask.oa_ids.len()].clone();
        // Everybody gets a fair share of what is left, so that the number asked for comes out.
        let mut share = left / (ask.users - i);
        if share > 2 {
            share = share.saturating_sub(2) + usize::try_from(dice.below(5)).unwrap_or(0);
        }
        let share = if i + 1 == ask.users { left } else { share.min(left) };
        left -= share;
        // Many wrote lately, some long ago: squared dice.
        let unit = dice.below(1000);
        let ago = span_ms / 1_000_000 * i64::try_from(unit * unit).unwrap_or(0);
        let messages = talk(&dice, share, now.plus_ms(-ago), ask.app_id.as_deref());
        let hue = u16::try_from(dice.below(360)).ok();
        users.push(SeedUser {
            user: UserChange { id: Some(id), name: Some(name), hue, ..UserChange::default() },
            threads: vec![SeedThread { oa_id, follower: dice.below(10) < 6, messages }],
        });
    }
    Seed { users, ..Seed::default() }
}

/// `count` messages that end shortly before `end`.
fn talk(dice: &SeededRandom, count: usize, end: Timestamp, app_id: Option<&str>) -> Vec<SeedMessage> {
    let mut lines: Vec<(String, bool)> = Vec::new();
    while lines.len() < count {
        let talk = TALKS[usize::try_from(dice.below(TALKS.len() as u64)).unwrap_or(0)];
        let (product, price, place) = (pick(dice, PRODUCTS), pick(dice, PRICES), pick(dice, STREETS));
        for (n, line) in talk.iter().enumerate() {
            let text = line.replace("{p}", product).replace("{g}", price).replace("{d}", place);
            lines.push((text, n == 0));
        }
    }
    lines.truncate(count);
    // Backwards from the end: minutes between lines, days between talks.
    let mut at = end;
    let mut messages = Vec::with_capacity(count);
    for (line, first) in lines.iter().rev() {
        at = at.plus_ms(-i64::try_from(20_000 + dice.below(240_000)).unwrap_or(60_000));
        messages.push(message(dice, line, at, app_id));
        if *first {
            at = at.plus_ms(-i64::try_from(dice.below(5 * 24 * 3_600_000)).unwrap_or(0));
        }
    }
    messages.reverse();
    messages
}

fn message(dice: &SeededRandom, line: &str, at: Timestamp, app_id: Option<&str>) -> SeedMessage {
    let (mark, text) = line.split_at(1);
    let by = match mark {
        ">" => By::User,
        "T" => By::Tool,
        _ => By::Oa,
    };
    let mut message = NewMessage::default();
    match text {
        "[photo]" => {
            message.kind = Some(Kind::Image);
            message.photo = Some(dice.below(10_000));
        }
        "[sticker]" => {
            let n = usize::try_from(dice.below(STICKERS.len() as u64)).unwrap_or(0);
            message.kind = Some(Kind::Sticker);
            message.sticker_id = Some(STICKERS[n].0.to_owned());
        }
        "[place]" => {
            message.kind = Some(Kind::Location);
            message.latitude = Some(10.7769);
            message.longitude = Some(106.7009);
        }
        text => message.text = Some(text.to_owned()),
    }
    let app_id = if by == By::Oa { app_id.map(str::to_owned) } else { None };
    SeedMessage { at, by, app_id, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_invents_the_same_and_the_numbers_come_out() {
        let ask = |seed| Generate {
            seed,
            oa_ids: vec!["1".into(), "2".into()],
            users: 30,
            messages: 200,
            days: None,
            app_id: None,
        };
        let now = Timestamp(1_733_000_000_000);
        let names = |s: &Seed| s.users.iter().filter_map(|u| u.user.name.clone()).collect::<Vec<_>>();
        let (a, b, c) = (invent(&ask(1), now), invent(&ask(1), now), invent(&ask(2), now));
        assert_eq!(names(&a), names(&b));
        assert_ne!(names(&a), names(&c));
        let messages = || a.users.iter().flat_map(|u| &u.threads).flat_map(|t| &t.messages);
        assert_eq!(messages().count(), 200);
        assert!(messages().all(|m| m.at < now));
    }
}

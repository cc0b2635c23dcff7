//! Pictures drawn as SVG: no file to ship, and every one its own.

use std::fmt::Write as _;

/// Stickers of the phone page: id and caption.
pub const STICKERS: &[(&str, &str)] = &[
    ("a1f0c3d95b7e42868d01", "Xin chào"),
    ("b27ce40a91d6483fb502", "Cảm ơn"),
    ("c3860bd2f14e4c9a9703", "OK luôn"),
    ("d49a71c5e83b4f60ae04", "Hihi"),
    ("e5b3920f6a7d4d18bc05", "Buồn ghê"),
    ("f6c4a813d02e4b95cd06", "Chốt đơn"),
    ("a7d51e9c4b3f4ea7de07", "Ngủ ngon"),
    ("b8e62f0d5c414fb8ef08", "Tuyệt vời"),
];

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// First letters of the last two words: Vietnamese given names stand last.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = &words[words.len().saturating_sub(2)..];
    escape(&last.iter().filter_map(|w| w.chars().next()).flat_map(char::to_uppercase).collect::<String>())
}

/// A person: initials on their colour.
pub fn avatar(name: &str, hue: u16) -> String {
    let second = (hue + 40) % 360;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl({hue} 58% 52%)"/><stop offset="1" stop-color="hsl({second} 62% 40%)"/></linearGradient></defs><rect width="96" height="96" fill="url(#g)"/><text x="48" y="50" font-family="system-ui,sans-serif" font-size="36" font-weight="600" fill="#fff" text-anchor="middle" dominant-baseline="central">{}</text></svg>"##,
        initials(name)
    )
}

/// An OA: a shop front in its colour.
pub fn oa_avatar(name: &str, hue: u16) -> String {
    let letter = escape(&name.chars().find(|c| c.is_alphanumeric()).map(String::from).unwrap_or_default());
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96"><rect width="96" height="96" rx="20" fill="hsl({hue} 60% 38%)"/><path d="M16 30h64l-4-14H20z" fill="hsl({hue} 70% 72%)"/><path d="M16 30a8 8 0 0 0 16 0a8 8 0 0 0 16 0a8 8 0 0 0 16 0a8 8 0 0 0 16 0z" fill="#fff" opacity=".9"/><text x="48" y="64" font-family="system-ui,sans-serif" font-size="34" font-weight="700" fill="#fff" text-anchor="middle" dominant-baseline="central">{letter}</text></svg>"##
    )
}

/// Cover of an OA.
pub fn cover(name: &str, hue: u16) -> String {
    let second = (hue + 60) % 360;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 320" width="800" height="320"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl({hue} 50% 45%)"/><stop offset="1" stop-color="hsl({second} 50% 30%)"/></linearGradient></defs><rect width="800" height="320" fill="url(#g)"/><circle cx="680" cy="40" r="150" fill="#fff" opacity=".08"/><circle cx="90" cy="300" r="120" fill="#fff" opacity=".08"/><text x="48" y="270" font-family="system-ui,sans-serif" font-size="44" font-weight="700" fill="#fff">{}</text></svg>"##,
        escape(name)
    )
}

/// A small number that follows from a text.
fn number(text: &str) -> u64 {
    text.bytes().fold(1469, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// A sticker: a round face with a caption. Unknown ids get a face of their own too.
pub fn sticker(id: &str) -> String {
    let place = STICKERS.iter().position(|(known, _)| *known == id);
    let caption = place.and_then(|i| STICKERS.get(i)).map_or("", |(_, caption)| caption);
    let n = place.map_or_else(|| number(id), |i| i as u64);
    let hue = (n * 47 + 20) % 360;
    let face = match n % 8 {
        0 => r##"<path d="M66 92q14 16 28 0" class="l"/><path d="M112 44q18-14 22 8" class="l"/>"##,
        1 => {
            r##"<path d="M64 90q16 20 32 0z" fill="#3b2417"/><path d="M30 34l8 8m0-8l-8 8M122 30l8 8m0-8l-8 8" class="l"/>"##
        }
        2 => r##"<path d="M66 94h28" class="l"/><path d="M118 96l10 10 18-24" class="l" stroke="#fff"/>"##,
        3 => r##"<path d="M60 88q20 26 40 0z" fill="#3b2417"/><path d="M68 94q12 8 24 0" fill="#ff8b8b"/>"##,
        4 => {
            r##"<path d="M66 98q14-16 28 0" class="l"/><path d="M56 84q-6 12 0 16q6-4 0-16" fill="#7cc4ff"/>"##
        }
        5 => {
            r##"<path d="M64 90q16 20 32 0z" fill="#3b2417"/><rect x="112" y="84" width="34" height="26" rx="4" fill="#fff"/><path d="M118 84q0-12 11-12t11 12" class="l" stroke="#fff"/>"##
        }
        6 => {
            r##"<path d="M72 94q8 6 16 0" class="l"/><text x="116" y="52" font-size="26" font-weight="700" fill="#3b2417" font-family="system-ui">z</text><text x="132" y="36" font-size="18" font-weight="700" fill="#3b2417" font-family="system-ui">z</text>"##
        }
        _ => {
            r##"<path d="M62 88q18 24 36 0z" fill="#3b2417"/><path d="M128 36l5 11 12 1-9 8 3 12-11-6-11 6 3-12-9-8 12-1z" fill="#ffd84d"/>"##
        }
    };
    let eyes = match n % 8 {
        6 => r##"<path d="M56 74q7 6 14 0M90 74q7 6 14 0" class="l"/>"##,
        3 | 7 => r##"<path d="M56 74q7-10 14 0M90 74q7-10 14 0" class="l"/>"##,
        _ => {
            r##"<circle cx="63" cy="72" r="5.5" fill="#3b2417"/><circle cx="97" cy="72" r="5.5" fill="#3b2417"/>"##
        }
    };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160" width="160" height="160"><style>.l{{fill:none;stroke:#3b2417;stroke-width:5;stroke-linecap:round;stroke-linejoin:round}}.l[stroke]{{stroke:inherit}}</style><circle cx="80" cy="78" r="52" fill="hsl({hue} 85% 68%)"/><ellipse cx="80" cy="60" rx="38" ry="24" fill="#fff" opacity=".18"/><circle cx="50" cy="88" r="7" fill="#ff7a7a" opacity=".5"/><circle cx="110" cy="88" r="7" fill="#ff7a7a" opacity=".5"/>{eyes}{face}<text x="80" y="150" font-family="system-ui,sans-serif" font-size="19" font-weight="800" text-anchor="middle" fill="#3b2417" stroke="#fff" stroke-width="4" paint-order="stroke">{}</text></svg>"##,
        escape(caption)
    )
}

/// A product photo: shapes of a shop's shelf in colours of the seed.
pub fn photo(seed: u64) -> String {
    let hue = seed.wrapping_mul(67) % 360;
    let accent = (hue + 150) % 360;
    let mut shapes = String::new();
    let item = match seed % 4 {
        0 => r##"<path d="M220 150l60-40q40 34 80 0l60 40-34 62-30-14v172H284V198l-30 14z"/>"##,
        1 => {
            r##"<rect x="230" y="170" width="180" height="200" rx="18"/><path d="M270 170v-20q0-50 50-50t50 50v20" fill="none" stroke="currentColor" stroke-width="16"/>"##
        }
        2 => r##"<path d="M280 110h80v50l30 40v150q0 24-24 24h-92q-24 0-24-24V200l30-40z"/>"##,
        _ => r##"<path d="M200 300q0-30 40-34l60-70q40 26 60 6l20 70q60 6 60 40v26H200z"/>"##,
    };
    for i in 0..5u64 {
        let x = seed.wrapping_mul(31).wrapping_add(i * 137) % 640;
        let y = seed.wrapping_mul(17).wrapping_add(i * 89) % 420;
        let _ =
            write!(shapes, r##"<circle cx="{x}" cy="{y}" r="{}" fill="#fff" opacity=".07"/>"##, 40 + i * 22);
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480"><rect width="640" height="480" fill="hsl({hue} 32% 82%)"/>{shapes}<ellipse cx="320" cy="400" rx="190" ry="26" fill="#000" opacity=".12"/><g color="hsl({accent} 48% 42%)" fill="currentColor">{item}</g></svg>"##
    )
}

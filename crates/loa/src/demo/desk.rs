//! What the demo's people have made for their work: labels, canned replies, macros.

use anyhow::Context;
use loa_kernel::{
    Action, Actor, CannedReplyId, ConversationStatus, CustomerId, Ids, LabelColour, LabelId, LabelKind,
    MacroId, MemberId, Object,
};
use loa_outbound::MacroAction;
use loa_store::canned_replies::{self, Content};
use loa_store::conversations::Visibility;
use loa_store::{customers, labels, macros};

use crate::system;
use crate::wiring::Running;

const LABELS: [(&str, LabelColour); 6] = [
    ("Khách VIP", LabelColour::Grape),
    ("Khách sỉ", LabelColour::Indigo),
    ("Chờ giao hàng", LabelColour::Yellow),
    ("Đã chốt đơn", LabelColour::Teal),
    ("Cần gọi lại", LabelColour::Orange),
    ("Khiếu nại", LabelColour::Red),
];

/// Shortcut, title, text.
const REPLIES: [(&str, &str, &str); 6] = [
    (
        "chào",
        "Chào khách",
        "Dạ {{channel.name|shop}} chào {{customer.first_name|anh/chị}} ạ, em là {{agent.first_name|nhân viên của shop}}. {{customer.first_name|Anh/chị}} cần em tư vấn mẫu nào ạ?",
    ),
    (
        "giá",
        "Báo giá bó hoa",
        "Dạ bó hồng 20 bông giá 350.000 đ, bó 50 bông giá 790.000 đ, đã gồm thiệp và giao nội thành. {{customer.first_name|Anh/chị}} lấy mẫu nào em giữ cho ạ?",
    ),
    (
        "giao-hàng",
        "Thời gian giao hàng",
        "Dạ nội thành bên em giao trong 2 giờ, ngoại thành trong ngày ạ. {{customer.first_name|Anh/chị}} cho em xin địa chỉ và giờ nhận nhé.",
    ),
    (
        "stk",
        "Số tài khoản",
        "Dạ {{customer.first_name|anh/chị}} chuyển khoản giúp em:\nVietcombank 0071000123456\nChủ tài khoản: CÔNG TY MỘC LAN\nNội dung: tên và ngày nhận hoa ạ.",
    ),
    (
        "cảm-ơn",
        "Cảm ơn đã mua hàng",
        "Dạ em cảm ơn {{customer.first_name|anh/chị}} đã ủng hộ {{channel.name|shop}}. Chúc {{customer.first_name|anh/chị}} một ngày nhiều niềm vui ạ!",
    ),
    (
        "địa-chỉ",
        "Địa chỉ cửa hàng",
        "Dạ cửa hàng ở 12 Nguyễn Huệ, Quận 1, mở cửa từ 7:30 đến 21:00 mỗi ngày ạ.",
    ),
];

/// Make what is not there yet, and let the first customers carry labels.
pub async fn ensure(running: &Running, actor: &Actor, agent: MemberId, bare: bool) -> anyhow::Result<()> {
    let ids = system::ids();
    let labels = ensure_labels(running, actor, &ids).await?;
    let replies = ensure_replies(running, actor, agent, &ids).await?;
    ensure_macros(running, actor, &ids, &labels, &replies).await?;
    if !bare {
        mark(running, actor, &ids, &labels).await?;
    }
    Ok(())
}

async fn ensure_labels(running: &Running, actor: &Actor, ids: &Ids) -> anyhow::Result<Vec<LabelId>> {
    let mut made = Vec::new();
    for (name, colour) in LABELS {
        if let Some(there) = labels::by_name(running.store.reader(), actor.workspace, name).await? {
            made.push(LabelId(there.id));
            continue;
        }
        let id: LabelId = ids.next();
        let new = labels::NewLabel {
            id,
            name: name.into(),
            colour,
            kind: LabelKind::Normal,
            created_by: Some(actor.member),
        };
        let tx = running.store.begin().await?;
        labels::create(&tx, actor.workspace, &new, ids.clock().now()).await?;
        tx.commit().await?;
        made.push(id);
    }
    Ok(made)
}

async fn ensure_replies(
    running: &Running,
    actor: &Actor,
    agent: MemberId,
    ids: &Ids,
) -> anyhow::Result<Vec<CannedReplyId>> {
    let there = canned_replies::visible(running.store.reader(), actor.workspace, agent).await?;
    let mut made = Vec::new();
    let own = (
        "tối",
        "Hẹn mai trả lời",
        "Dạ giờ em hết ca, sáng mai em kiểm tra rồi nhắn {{customer.first_name|mình}} liền ạ.",
    );
    let all = REPLIES.into_iter().map(|reply| (reply, None)).chain([(own, Some(agent))]);
    for ((shortcut, title, text), owner) in all {
        if let Some(row) = there.iter().find(|row| row.shortcut == shortcut) {
            made.push(CannedReplyId(row.id));
            continue;
        }
        let id: CannedReplyId = ids.next();
        let content = Content {
            owner,
            shortcut: shortcut.into(),
            title: title.into(),
            text: text.into(),
            files: Vec::new(),
        };
        let tx = running.store.begin().await?;
        let by = owner.unwrap_or(actor.member);
        canned_replies::create(&tx, actor.workspace, id, by, &content, ids.clock().now()).await?;
        tx.commit().await?;
        made.push(id);
    }
    Ok(made)
}

async fn ensure_macros(
    running: &Running,
    actor: &Actor,
    ids: &Ids,
    labels: &[LabelId],
    replies: &[CannedReplyId],
) -> anyhow::Result<()> {
    let there = macros::visible(running.store.reader(), actor.workspace, actor.member).await?;
    let label = |nth: usize| labels.get(nth).copied().context("a label of the demo");
    let thanks = *replies.get(4).context("a reply of the demo")?;
    let all = [
        (
            "Chốt đơn",
            vec![
                MacroAction::SendText {
                    text: "Dạ em đã nhận đơn của {{customer.first_name|anh/chị}} ngày {{now.date}} và sẽ giao đúng hẹn ạ.".into(),
                },
                MacroAction::PutLabels { label_ids: vec![label(3)?, label(2)?] },
                MacroAction::AssignMe {},
            ],
        ),
        (
            "Cảm ơn rồi đóng",
            vec![
                MacroAction::SendReply { reply_id: thanks },
                MacroAction::RemoveLabels { label_ids: vec![label(2)?] },
                MacroAction::SetStatus { status: ConversationStatus::Closed },
            ],
        ),
    ];
    for (name, actions) in all {
        if there.iter().any(|row| row.name == name) {
            continue;
        }
        let content =
            macros::Content { owner: None, name: name.into(), actions: serde_json::to_value(actions)? };
        let tx = running.store.begin().await?;
        let id: MacroId = ids.next();
        macros::create(&tx, actor.workspace, id, actor.member, &content, ids.clock().now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Every third customer carries one of the first labels, and some of them two.
async fn mark(running: &Running, actor: &Actor, ids: &Ids, made: &[LabelId]) -> anyhow::Result<()> {
    let visibility = Visibility::of(actor, Object::Customer, Action::View)?;
    let people =
        customers::list(running.store.reader(), actor.workspace, &visibility, None, None, 60).await?;
    let mut pairs = Vec::new();
    for (nth, person) in people.iter().enumerate().filter(|(nth, _)| nth % 3 == 0) {
        let first = made.get(nth / 3 % made.len()).copied();
        let second = made.get((nth / 3 + 2) % made.len()).copied().filter(|_| nth % 2 == 0);
        pairs.extend(first.into_iter().chain(second).map(|label| (CustomerId(person.id), label)));
    }
    let tx = running.store.begin().await?;
    labels::put(&tx, actor.workspace, &pairs, Some(actor.member), ids.clock().now()).await?;
    tx.commit().await?;
    Ok(())
}

//! One's tie to another, as a page shows it and lets it be changed.

use guanxi_api::api::relation::modify::RelationAction;

/// A button: what it does, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    /// `act` of the API.
    pub act: u8,
    /// What it says.
    pub label: &'static str,
    /// Whether it makes or keeps a follow, so that it stands out.
    pub primary: bool,
}

/// What can be done about a tie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ties {
    /// How it stands, in a word; empty for none.
    pub standing: &'static str,
    /// What most want.
    pub first: Button,
    /// What some want.
    pub more: Vec<Button>,
}

const fn button(act: RelationAction, label: &'static str) -> Button {
    Button { act: act as u8, label, primary: false }
}

impl Ties {
    /// What can be done about a tie that the wire tells as `attribute`, to somebody who is a fan of one's own or not.
    pub fn of(attribute: u8, fan: bool) -> Ties {
        const FOLLOW: Button = Button { act: RelationAction::Follow as u8, label: "关注", primary: true };
        let (whisper, black) =
            (button(RelationAction::Whisper, "改为悄悄关注"), button(RelationAction::Black, "拉黑"));
        let (standing, first, mut more) = match attribute {
            1 => (
                "悄悄关注中",
                button(RelationAction::Unwhisper, "取消悄悄关注"),
                vec![button(RelationAction::Follow, "改为公开关注"), black],
            ),
            2 => ("已关注", button(RelationAction::Unfollow, "取消关注"), vec![whisper, black]),
            6 => ("互相关注", button(RelationAction::Unfollow, "取消关注"), vec![whisper, black]),
            128 => ("已拉黑", button(RelationAction::Unblack, "移出黑名单"), Vec::new()),
            _ if fan => (
                "",
                Button { label: "回关", ..FOLLOW },
                vec![button(RelationAction::Whisper, "悄悄关注"), black],
            ),
            _ => ("", FOLLOW, vec![button(RelationAction::Whisper, "悄悄关注"), black]),
        };
        if fan && attribute != 128 {
            more.push(button(RelationAction::Kick, "移除粉丝"));
        }
        Ties { standing, first, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_done() {
        // attribute, fan, standing, the first act, the others
        let cases: [(u8, bool, &str, u8, &[u8]); 8] = [
            (0, false, "", 1, &[3, 5]),
            (0, true, "", 1, &[3, 5, 7]),
            (1, false, "悄悄关注中", 4, &[1, 5]),
            (2, false, "已关注", 2, &[3, 5]),
            (6, true, "互相关注", 2, &[3, 5, 7]),
            (6, false, "互相关注", 2, &[3, 5]),
            (128, false, "已拉黑", 6, &[]),
            (128, true, "已拉黑", 6, &[]),
        ];
        for (attribute, fan, standing, first, more) in cases {
            let ties = Ties::of(attribute, fan);
            let others: Vec<u8> = ties.more.iter().map(|button| button.act).collect();
            assert_eq!((ties.standing, ties.first.act, others.as_slice()), (standing, first, more));
        }
    }
}

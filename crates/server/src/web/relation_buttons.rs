//! Buttons that show and change the viewer's relation to a member.

use guanxi_types::RelationAction;

/// A button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    /// Value of the API parameter `act`.
    pub act: u8,
    /// Text of the button.
    pub label: &'static str,
    /// True if the button stands out: it creates a follow.
    pub is_primary: bool,
}

/// Relation status and the buttons that change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationButtons {
    /// Status label; empty if there is no relation.
    pub status: &'static str,
    /// The button of the most common action.
    pub primary: Button,
    /// Buttons in the menu.
    pub secondary: Vec<Button>,
}

const fn button(act: RelationAction, label: &'static str) -> Button {
    Button { act: act as u8, label, is_primary: false }
}

impl RelationButtons {
    /// Builds the buttons for a relation `attribute` of the API. `is_follower` is true if the other member follows
    /// the viewer.
    pub fn new(attribute: u8, is_follower: bool) -> RelationButtons {
        const FOLLOW: Button =
            Button { act: RelationAction::Follow as u8, label: "关注", is_primary: true };
        let (whisper, block) =
            (button(RelationAction::Whisper, "改为悄悄关注"), button(RelationAction::Block, "拉黑"));
        let (status, primary, mut secondary) = match attribute {
            1 => (
                "悄悄关注中",
                button(RelationAction::Unwhisper, "取消悄悄关注"),
                vec![button(RelationAction::Follow, "改为公开关注"), block],
            ),
            2 => ("已关注", button(RelationAction::Unfollow, "取消关注"), vec![whisper, block]),
            6 => ("互相关注", button(RelationAction::Unfollow, "取消关注"), vec![whisper, block]),
            128 => ("已拉黑", button(RelationAction::Unblock, "移出黑名单"), Vec::new()),
            _ => ("", FOLLOW, vec![button(RelationAction::Whisper, "悄悄关注"), block]),
        };
        if is_follower && attribute != 128 {
            secondary.push(button(RelationAction::RemoveFollower, "移除粉丝"));
        }
        RelationButtons { status, primary, secondary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_match_relation() {
        // attribute, is_follower, status, act of the primary button, acts of the others
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
        for (attribute, is_follower, status, primary, secondary) in cases {
            let buttons = RelationButtons::new(attribute, is_follower);
            let others: Vec<u8> = buttons.secondary.iter().map(|button| button.act).collect();
            assert_eq!(
                (buttons.status, buttons.primary.act, others.as_slice()),
                (status, primary, secondary)
            );
        }
    }
}

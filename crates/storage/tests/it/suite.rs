//! The conformance suite: what every engine answers alike. A case is a function of an empty store, so the cases run in any
//! order, at once, and of any engine.
//!
//! A case added to a subject is named in the list below; one that is not is dead code, which the gate refuses.

use guanxi_storage::Store;

mod accounts;
mod days;
mod doors;
mod events;
mod export;
mod groups;
mod keys;
pub(crate) mod leaving;
mod load;
mod logins;
mod merge;
mod operators;
mod paging;
mod qr;
mod refusals;
mod reviews;
mod sessions;
mod signs;
mod ties;
mod versions;
mod viewers;
mod vips;

/// Whatever a case did, what is derived agrees with what it is derived from.
async fn agrees(store: impl Store) {
    let report = store.check().await.expect("the engine reads");
    assert!(report.is_clean(), "{report}");
}

/// Makes a test of every case for an engine: its name, and a future of what must outlive a store and an empty store.
macro_rules! conformance {
    ($engine:ident, $open:expr) => {
        conformance! { @cases $engine, $open,
            load: [
                each_row_is_told_by_its_read,
                ties_are_told_by_every_list,
                a_row_loaded_again_takes_the_place_of_the_old,
                versions_are_as_they_were_written,
                a_bad_row_is_named_and_those_before_it_stay,
                a_tie_beside_a_black_is_refused_either_way,
                who_is_not_there_has_nothing,
                many_rows_at_once_are_told_as_few_are,
            ],
            export: [
                a_rich_community_comes_back_as_it_was_loaded,
                nobody_is_told_with_what_is_given_next,
                private_texts_come_as_they_are_kept,
                what_is_private_can_be_left_out,
                who_is_leaving_is_told_no_more,
                versions_are_told_as_their_member_sees_them,
                an_export_is_of_one_moment_while_writes_go_on,
                an_export_that_nobody_receives_ends,
            ],
            merge: [
                a_load_that_is_cut_short_goes_on_where_it_was,
                a_load_with_a_fault_goes_on_with_a_better_dump,
                a_fault_in_the_first_row_begins_no_load,
                a_merge_into_nobody_is_a_load,
                a_merge_said_again_changes_nothing,
                a_merge_adds_whom_it_brings_and_replaces_what_it_tells,
                entries_of_logs_are_merged_by_their_count,
                a_merge_with_a_fault_within_a_second_goes_on_and_loses_nothing,
                what_only_rises_is_not_lowered_by_a_merge,
                the_operators_log_is_merged_and_keeps_what_it_has,
                a_load_changes_no_entry_of_the_operators_log,
                who_is_leaving_takes_nothing_in,
                bad_rows_of_the_service_are_named,
            ],
            ties: [
                a_follow_is_seen_from_both_sides,
                an_unfollow_leaves_nothing,
                a_whisper_is_seen_by_its_owner_alone,
                a_whisper_makes_nobody_mutual,
                a_whisper_of_a_following_leaves_lists_and_groups,
                an_unwhisper_ends_a_whisper_alone,
                a_black_ends_both_ties_and_forbids_new_ones,
                two_blacks_end_one_by_one,
                a_kick_ends_their_tie_alone,
                becoming_mutual_tells_both_times_anew,
                an_act_that_changes_nothing_writes_nothing,
                the_limit_counts_followings_alone,
                a_source_is_kept,
            ],
            paging: [
                the_newest_come_first,
                relations_of_one_second_stand_as_they_were_made,
                relation_made_again_stands_last_of_its_second,
                pair_that_becomes_mutual_stands_last_on_both_sides,
                clock_set_back_leaves_each_second_in_order,
                seq_is_behind_those_of_both_members,
                windows_cut_a_list_without_gap_or_overlap,
                whispers_and_blacks_are_lists_of_their_own,
                hidden_lists_are_cut_as_others_are,
                hidden_lists_are_their_owners_alone,
                past_the_end_is_empty_and_still_tells_the_total,
                the_other_order_is_the_exact_reverse,
                a_page_shows_cards_as_they_are_now,
                lists_of_nobody_and_groups_of_others_are_none,
            ],
            viewers: [
                each_viewer_is_told_their_own_ties,
                groups_are_told_to_the_owner_of_the_followings_alone,
                a_space_tells_whether_it_is_followed,
            ],
            vips: [
                vip_ends_in_the_second_of_its_due_date,
                vip_without_an_end_never_ends,
                vip_that_is_written_with_a_past_due_date_ends,
                vip_that_was_prolonged_goes_on,
                due_tells_of_the_tables_that_are_asked_for,
                member_with_a_vip_can_leave,
            ],
            groups: [
                a_tagid_is_given_once_in_the_whole_service,
                names_are_trimmed_and_told_apart,
                refusals_of_names_in_their_order,
                groups_have_a_limit,
                a_group_is_renamed_by_its_owner,
                a_deleted_group_gives_its_members_back,
                assigning_sets_exactly_these_groups,
                assigning_is_all_or_nothing,
                who_joined_a_group_last_stands_first,
                group_page_is_cut_as_any_other,
                group_shows_times_and_groups_to_its_owner,
            ],
            versions: [
                a_version_changes_with_the_ties_of_its_list,
                a_version_stays_when_the_ties_do,
                a_page_tells_the_version_of_its_list,
                a_version_tells_nobody_else_of_a_whisper,
            ],
            days: [
                a_day_gives_once,
                a_day_ends_at_midnight_in_shanghai,
                a_visit_keeps_what_else_the_day_gave,
                coins_are_told_from_a_second_on,
            ],
            signs: [
                two_signs_of_one_second_are_told_apart,
                a_sign_waits_and_is_shown,
                a_newer_sign_takes_the_place_of_one_that_waits,
                clearing_takes_effect_at_once,
                a_sign_that_was_shown_makes_room_for_the_next,
                a_moderator_is_waited_for,
                many_that_are_due_are_all_told,
                a_refused_sign_leaves_the_one_that_waits,
            ],
            sessions: [
                an_opened_session_is_found_by_its_hash,
                revoking_ends_all_of_one_member_alone,
                expired_ones_end_by_the_clock,
            ],
            logins: [
                the_log_is_told_newest_first,
                the_log_begins_with_its_first_entry,
                the_last_login_is_one_of_that_device_that_succeeded,
            ],
            accounts: [
                news_are_seen_and_stay_so,
                what_one_logs_in_with_is_of_one_member,
                who_signs_up_is_there,
                what_is_anothers_is_refused_in_the_order_of_the_codes,
                a_mid_is_given_once,
                nobody_can_take_the_next_user_name_away,
                a_phone_is_changed_and_no_longer_verified,
                a_safe_question_is_set,
                of_two_cards_with_one_name_the_first_is_found,
                what_accounts_share_is_a_fault,
                an_account_loaded_again_moves_what_finds_it,
                alike_names_are_taken,
                alike_names_of_a_dump_are_kept,
                the_largest_mid_leaves_room_for_sign_ups,
            ],
            doors: [
                right_passwords_have_an_end_and_are_no_failures,
                however_many_try_at_once_so_many_get_through,
                an_address_tries_few_accounts,
                of_two_waits_the_longer_is_told,
                waits_grow_and_are_forgotten_by_the_clock,
                a_door_that_is_forgotten_had_nothing_to_say,
                who_logs_in_is_taken_back,
                a_password_that_is_another_by_now_opens_nothing,
                a_changed_password_ends_all_other_sessions,
                login_ends_the_session_that_it_replaces,
                the_oldest_sessions_make_room,
                a_session_is_ended_by_its_member,
                a_failed_login_is_recorded_of_a_member,
            ],
            qr: [
                a_code_is_scanned_confirmed_and_claimed,
                what_an_ended_session_confirmed_opens_nothing,
                whoever_scanned_last_confirms,
                a_code_is_claimed_by_who_drew_it,
                a_code_ends_by_itself,
                who_leaves_after_saying_yes_opens_nothing,
            ],
            events: [
                remembering_for_longer_lets_nothing_count_twice,
                each_kind_counts,
                an_event_told_again_changes_nothing,
                a_bad_event_spoils_no_other,
                a_day_gives_so_much_for_coins,
                counts_are_whole_and_of_a_moment,
                no_moment_lets_an_event_count_twice,
                a_stale_look_forgets_nothing,
                an_event_without_a_time_is_of_when_it_is_told,
                gains_end_at_the_largest_balance_and_exp,
                one_event_told_by_many_at_once_counts_once,
                a_day_said_by_many_at_once_gives_once,
            ],
            keys: [
                a_store_knows_its_keys,
                keys_are_rotated_while_everything_goes_on,
                resealing_changes_nothing_else,
                foreign_keys_open_and_find_nothing,
            ],
            operators: [
                the_log_is_numbered_and_told_newest_first,
                a_deed_tells_what_it_changed,
                the_log_has_nothing_private,
                parts_are_merged,
                a_bad_part_is_named_and_changes_nothing,
                a_new_name_is_found_and_a_taken_one_refused,
                a_password_set_ends_every_session,
                a_balance_is_never_below_zero,
                a_payment_with_an_id_counts_once,
                a_token_has_a_name_of_its_own,
            ],
            reviews: [
                who_waits_longest_comes_first,
                an_approved_sign_is_shown,
                a_rejected_sign_stays_and_does_not_wait,
                what_was_looked_at_is_what_is_judged,
                a_real_name_is_verified_once,
                a_phone_brings_its_exp_once,
            ],
            leaving: [
                at_once_nobody_can_be_them,
                step_by_step_nothing_of_them_stays,
                they_go_with_their_last_row,
                letting_go_twice_is_once,
                what_was_on_its_way_finds_nobody,
                who_left_is_told_from_who_never_was,
                a_tombstone_is_of_nobody_who_is_there,
            ],
            refusals: [
                a_refusal_writes_nothing,
                a_load_of_nothing_but_a_bad_row_writes_nothing,
            ],
        }
    };
    (@cases $engine:ident, $open:expr, $($subject:ident: [$($case:ident,)+],)+) => {
        mod $engine {
            $(mod $subject {
                $(#[tokio::test]
                async fn $case() {
                    let Some((_home, store)) = $open.await else { return };
                    crate::suite::$subject::$case(store.clone()).await;
                    crate::suite::agrees(store).await;
                })+
            })+
        }
    };
}

conformance!(lmdb, std::future::ready(Some(crate::home::fresh())));
conformance!(postgres, crate::home::database());

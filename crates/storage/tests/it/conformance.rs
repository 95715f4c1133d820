//! The conformance suite: cases that every engine must pass. A case is a function of an empty store, so cases run
//! in any order, concurrently, and on any engine.
//!
//! Every case is listed in the macro below. A case that is not listed is dead code, which fails the build.

use guanxi_storage::Store;

mod accounts;
mod audit_log;
mod bio_review;
mod contact_codes;
mod daily_rewards;
mod data_export;
mod events;
mod export;
mod factors;
mod groups;
mod import;
mod import_merge;
mod key_rotation;
mod leaving;
mod list_pages;
mod list_versions;
mod login_identifiers;
mod login_log;
mod login_sessions;
mod many;
pub(crate) mod member_deletion;
mod member_list;
mod moderation;
mod name_search;
mod news;
mod operator_commands;
mod outbox;
mod privacy;
mod profiles;
mod qr_login;
mod rate_limits;
mod rejections;
mod relations;
mod remarks;
mod sessions;
mod undo;
mod viewer_relations;
mod vip_expiry;

/// Checks that derived data is correct after a case.
async fn assert_integrity(store: impl Store) {
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
}

/// Creates a test of every case for one engine. `$open` is a future of an empty store and its directory or schema.
macro_rules! conformance {
    ($engine:ident, $open:expr) => {
        conformance! { @cases $engine, $open,
            import: [
                imported_row_is_returned_by_its_read,
                imported_relation_is_in_every_list,
                row_imported_again_replaces_the_old_one,
                imported_versions_are_kept,
                bad_row_is_reported_and_earlier_rows_stay,
                relation_beside_a_block_is_rejected_both_ways,
                unknown_member_has_no_data,
                bulk_import_equals_single_rows,
            ],
            export: [
                export_equals_the_imported_community,
                export_of_empty_store_has_next_ids,
                export_returns_ciphertext,
                export_without_private_data_imports,
                export_leaves_out_pending_deletions,
                exported_versions_count_private_changes,
                export_is_a_snapshot_during_writes,
                export_without_receiver_ends,
            ],
            import_merge: [
                interrupted_import_resumes,
                failed_import_resumes_with_corrected_dump,
                bad_first_row_starts_no_import,
                merge_into_empty_store_equals_import,
                repeated_merge_changes_nothing,
                merge_adds_members_and_replaces_rows,
                log_entries_are_merged_by_count,
                merge_failed_within_a_second_resumes,
                merge_does_not_lower_watermarks,
                audit_log_merge_keeps_existing_entries,
                import_does_not_change_audit_entries,
                merge_rejects_rows_of_pending_deletions,
                bad_service_rows_are_reported,
            ],
            relations: [
                follow_is_visible_to_both_sides,
                unfollow_removes_all_entries,
                whisper_is_visible_to_its_owner_only,
                whisper_is_not_mutual,
                whisper_of_a_following_leaves_lists_and_groups,
                unwhisper_ends_only_a_whisper,
                block_ends_both_relations_and_forbids_new,
                mutual_blocks_end_separately,
                kick_ends_only_the_incoming_relation,
                mutual_follow_renews_both_times,
                action_without_effect_writes_nothing,
                follow_limit_counts_only_followings,
                follow_source_is_stored,
            ],
            list_pages: [
                list_is_newest_first,
                relations_of_one_second_keep_creation_order,
                recreated_relation_is_last_of_its_second,
                new_mutual_follow_is_last_of_its_second,
                clock_set_back_keeps_order_in_each_second,
                seq_exceeds_those_of_both_members,
                page_windows_have_no_gap_or_overlap,
                whispers_and_blocks_have_own_lists,
                private_lists_are_paged,
                private_lists_are_visible_to_owner_only,
                page_past_the_end_is_empty_with_total,
                ascending_order_is_the_exact_reverse,
                page_shows_current_cards,
                page_has_every_card_that_is_not_known,
                unknown_members_and_groups_have_no_list,
            ],
            data_export: [
                export_is_made_by_one_claim,
                expired_export_is_deleted,
            ],
            leaving: [
                member_who_leaves_is_deleted_when_due,
                member_who_stays_is_not_deleted,
            ],
            privacy: [
                list_is_visible_to_its_audience,
                privacy_of_everybody_has_no_row,
            ],
            viewer_relations: [
                page_has_the_viewers_own_relations,
                groups_are_visible_to_the_list_owner_only,
                space_has_the_viewers_follow_state,
            ],
            member_list: [
                member_list_has_exactly_the_admitted_members,
                member_list_compares_named_members_only,
                member_list_follows_changes_of_flags,
            ],
            name_search: [
                member_is_found_by_part_of_name_and_pinyin,
                found_members_have_an_order,
                found_members_are_paged_and_bounded,
                renamed_member_is_found_by_the_new_name,
                deleted_member_is_not_found,
                mid_finds_its_member_first,
            ],
            vip_expiry: [
                vip_expires_in_the_second_of_its_due_date,
                vip_without_due_date_never_expires,
                vip_with_past_due_date_expires,
                extended_vip_does_not_expire,
                due_tasks_are_of_the_requested_tables,
                member_with_vip_can_be_deleted,
            ],
            groups: [
                tagid_is_never_assigned_twice,
                group_names_are_trimmed_and_unique_by_owner,
                group_name_rejections_have_a_fixed_order,
                group_count_is_limited,
                group_is_renamed_by_its_owner,
                deleted_group_returns_members_to_default,
                assign_sets_exactly_the_given_groups,
                assign_is_atomic,
                last_joined_group_member_is_first,
                group_list_is_paged,
                group_shows_times_and_groups_to_owner_only,
            ],
            list_versions: [
                version_changes_with_the_relations_of_its_list,
                version_is_stable_without_relation_changes,
                page_has_the_version_of_its_list,
                version_hides_whispers_from_other_viewers,
            ],
            daily_rewards: [
                daily_login_is_rewarded_once,
                day_ends_at_midnight_in_shanghai,
                daily_login_keeps_other_rewards,
                coin_log_starts_at_the_given_time,
            ],
            news: [
                operators_events_are_stored_as_news,
                exp_reports_each_level_once,
                unfamiliar_login_is_news_to_other_sessions,
                news_are_bounded_and_expire,
                one_item_is_marked_as_read,
                new_followers_are_unread_until_seen,
                followers_are_counted_by_day,
                coin_window_is_a_part_of_the_log,
            ],
            bio_review: [
                bios_of_one_second_get_distinct_times,
                submitted_bio_is_published_when_due,
                newer_bio_replaces_a_pending_one,
                empty_bio_is_published_at_once,
                published_bio_allows_a_new_submission,
                bio_waits_for_a_moderator,
                all_due_bios_are_returned,
                rejected_bio_keeps_the_pending_one,
            ],
            sessions: [
                opened_session_is_found_by_its_hash,
                revocation_ends_all_sessions_of_one_member,
                expired_sessions_are_deleted_when_due,
            ],
            login_log: [
                login_log_is_newest_first,
                first_login_is_the_oldest_entry,
                latest_login_is_a_success_of_the_same_device,
            ],
            accounts: [
                seen_news_stay_seen,
                dismissed_steps_stay_dismissed,
                signed_up_member_exists,
                mid_is_never_assigned_twice,
                taken_default_user_name_gets_a_suffix,
                changed_phone_is_no_longer_verified,
                security_question_is_stored_encrypted,
                largest_mid_leaves_room_for_sign_ups,
            ],
            login_identifiers: [
                duplicate_identifiers_are_rejected_in_order,
                duplicate_name_finds_the_first_card,
                import_rejects_shared_identifiers,
                account_imported_again_moves_identifiers,
                login_names_are_unique_across_kinds,
                confusable_name_is_rejected,
                confusable_names_of_a_dump_are_kept,
            ],
            rate_limits: [
                successful_logins_are_rate_limited_separately,
                concurrent_attempts_do_not_exceed_the_quota,
                address_quota_limits_accounts_tried,
                longer_of_two_lockouts_is_returned,
                lockouts_double_and_expire,
                expired_bucket_equals_an_empty_one,
                successful_login_refunds_its_attempt,
            ],
            login_sessions: [
                login_with_changed_password_hash_is_rejected,
                password_change_ends_all_other_sessions,
                login_ends_the_session_it_replaces,
                oldest_sessions_are_evicted,
                session_is_ended_by_its_member_only,
                failed_login_is_logged_for_members_only,
            ],
            factors: [
                totp_is_set_up_and_removed,
                second_step_takes_each_code_once,
                second_step_ends,
                passkeys_are_managed_within_the_limit,
                passkey_logs_in_with_a_rising_counter,
                passkey_challenge_is_answered_once,
                session_is_proved,
                qr_login_needs_a_session_with_factor,
            ],
            qr_login: [
                qr_code_is_scanned_confirmed_and_claimed,
                confirmation_ends_with_its_session,
                last_scanner_confirms,
                last_scanner_cancels,
                qr_code_is_claimed_by_its_requester_only,
                qr_code_expires,
                confirmation_ends_with_member_deletion,
            ],
            events: [
                longer_retention_counts_no_event_twice,
                every_event_kind_is_applied,
                duplicate_event_changes_nothing,
                bad_event_does_not_affect_others,
                tip_rewards_are_limited_per_day,
                older_counts_do_not_replace_newer,
                event_counts_once_at_any_time,
                stale_task_deletes_no_event_id,
                event_without_time_uses_the_current_time,
                gains_stop_at_the_largest_balance,
                concurrent_duplicate_events_count_once,
                concurrent_daily_logins_are_rewarded_once,
            ],
            key_rotation: [
                store_rejects_foreign_keys,
                keys_are_rotated_during_writes,
                reencryption_changes_only_ciphertext,
                foreign_keys_decrypt_and_find_nothing,
            ],
            operator_commands: [
                member_update_merges_parts,
                bad_part_is_reported_and_changes_nothing,
                renamed_member_is_found_by_the_new_name,
                password_reset_ends_every_session,
                balance_is_never_negative,
                payment_with_id_counts_once,
                operator_token_names_are_unique,
            ],
            audit_log: [
                audit_log_is_numbered_and_newest_first,
                audit_entry_has_the_changed_values,
                audit_log_has_no_private_data,
            ],
            moderation: [
                pending_reviews_are_oldest_first,
                approved_bio_is_published,
                rejected_bio_stays_and_is_not_pending,
                review_of_an_outdated_submission_is_rejected,
                real_name_is_verified_once,
                phone_verification_is_rewarded_once,
            ],
            member_deletion: [
                deletion_ends_all_access_at_once,
                deletion_removes_all_rows_in_batches,
                member_is_deleted_with_their_last_row,
                repeated_deletion_is_idempotent,
                pending_deletion_rejects_all_commands,
                deleted_member_differs_from_unknown_member,
                tombstone_is_of_no_existing_member,
                new_member_with_an_old_mid_is_rewarded_again,
            ],
            outbox: [
                notice_is_sent_to_verified_contacts,
                contact_without_sender_gets_no_message,
                changed_contact_is_told_and_the_new_one_gets_a_code,
                unfamiliar_login_is_told,
                waiting_messages_are_bounded,
                message_is_claimed_by_one_sender,
                expired_message_is_given_up,
                messages_are_reencrypted,
            ],
            contact_codes: [
                phone_is_verified_by_its_code,
                code_is_void_after_five_tries_or_ten_minutes,
                code_is_of_one_contact,
                recovery_sets_a_password_and_ends_sessions,
                unverified_contact_recovers_nothing,
                recovery_code_ends_with_the_member,
            ],
            undo: [
                undone_action_leaves_everything_as_before,
                undone_unblock_restores_the_block,
                change_after_the_record_forbids_undo,
                regrouping_is_undone_despite_a_new_time,
                undo_respects_limits_and_names,
                undo_record_is_replaced_and_expires,
                undo_needs_both_members,
            ],
            profiles: [
                changed_name_is_found_and_the_old_one_free,
                name_of_another_member_is_rejected,
                name_changes_are_an_interval_apart,
                reviewed_name_waits_for_a_moderator,
                name_taken_during_its_review_is_rejected,
                profile_fields_change_separately,
                picture_changes_with_the_face,
                replaced_face_deletes_the_picture,
                operator_removes_a_picture,
            ],
            many: [
                each_member_is_changed_as_if_alone,
                followed_members_join_groups,
                groups_are_joined_left_and_moved,
                unknown_group_rejects_all,
                batch_is_undone_member_by_member,
                commands_with_one_id_are_undone_together,
                large_batch_is_undone_in_parts,
            ],
            remarks: [
                remark_is_private_and_replaced,
                remark_rejections,
                remark_survives_the_relation,
                remark_is_deleted_with_either_member,
                daily_login_sets_the_last_day,
            ],
            rejections: [
                rejection_writes_nothing,
                import_of_a_bad_row_writes_nothing,
            ],
        }
    };
    (@cases $engine:ident, $open:expr, $($subject:ident: [$($case:ident,)+],)+) => {
        mod $engine {
            $(mod $subject {
                $(#[tokio::test]
                async fn $case() {
                    let Some((_home, store)) = $open.await else { return };
                    crate::conformance::$subject::$case(store.clone()).await;
                    crate::conformance::assert_integrity(store).await;
                })+
            })+
        }
    };
}

conformance!(embedded, std::future::ready(Some(crate::tempdir::new_store())));
conformance!(postgres, crate::tempdir::new_database_store());

//! The operators' list of members.

use super::Queries;
use crate::StorageError;
use crate::member_list::{ListedMember, MemberPage, MemberQuery};
use crate::model::{Card, SqlRow, SqlValue, SqlValues};
use crate::postgres::sql::member_list::{Source, last_compared, page};
use crate::postgres::sql_value::mids;
use crate::postgres::transaction::limit_value;
use guanxi_domain::member_filter::{MemberFacts, MemberFlag};
use guanxi_types::{Mid, Order};
use jiff::civil::Date;

impl Queries<'_> {
    /// Returns a page of the members that pass a filter. A first statement finds the last member to compare, so that
    /// the second one reads a bounded range on every shard.
    pub(in crate::postgres) async fn list_members(
        &self,
        query: &MemberQuery,
    ) -> Result<MemberPage, StorageError> {
        let named = query.named();
        let source = match (&named, query.filter.first_flag()) {
            (Some(_), _) => Source::Named,
            (None, Some(flag)) => Source::Flag(flag),
            (None, None) => Source::All,
        };
        let after = query.after.map_or(start(query.order), to_int);
        let (mut compared, mut last) = (0, None);
        let range_end = if let Some(named) = &named {
            mids(named.iter().copied())
        } else {
            let params = vec![SqlValue::Int(after), limit_value(query.max_compared)];
            let row = self.one(last_compared(source, query.order), params).await?;
            if let Some(mut row) = row {
                compared = u64::read_values(&mut row)?;
                last = Option::<Mid>::read_values(&mut row)?;
            }
            SqlValue::Int(last.map_or(after, to_int))
        };
        let mut params = vec![SqlValue::Int(after), range_end];
        params.extend(filter_values(query));
        params.push(limit_value(query.limit.saturating_add(1)));
        let rows = self.connection.query(page(source, query.order), params).await?;
        let mut members = rows.into_iter().map(read_member).collect::<Result<Vec<_>, _>>()?;
        let is_full = members.len() > query.limit;
        members.truncate(query.limit);
        let is_stopped = !is_full && compared == query.max_compared as u64;
        let next =
            if is_full { members.last().map(|member| member.card.mid) } else { last.filter(|_| is_stopped) };
        let compared = (is_stopped && members.len() < query.limit).then_some(query.max_compared);
        Ok(MemberPage { members, next, compared })
    }
}

/// Returns a number before all mids.
fn start(order: Order) -> i64 {
    if order == Order::Asc { 0 } else { i64::MAX }
}

fn to_int(mid: Mid) -> i64 {
    mid.get().cast_signed()
}

/// Returns the parameters of the filter, in the order of the statement.
fn filter_values(query: &MemberQuery) -> Vec<SqlValue> {
    let filter = &query.filter;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let day = |day: Option<Date>| day.map_or(SqlValue::Null, SqlValue::Day);
    let flags = MemberFlag::ALL.map(|flag| SqlValue::Bool(filter.flags.contains(&flag)));
    let mut values = vec![
        SqlValue::Int(filter.joined_from.unwrap_or(i64::MIN)),
        SqlValue::Int(filter.joined_until.unwrap_or(i64::MAX)),
        SqlValue::Int(filter.exp_from.map_or(0, count)),
        SqlValue::Int(filter.exp_until.map_or(i64::MAX, count)),
        day(filter.active_from),
        day(filter.active_until),
    ];
    values.extend(flags);
    values
}

fn read_member(mut row: SqlValues) -> Result<ListedMember, StorageError> {
    let card = Card::read_values(&mut row)?;
    let (joined, exp) = (i64::read_values(&mut row)?, u64::read_values(&mut row)?);
    let active = Option::<Date>::read_values(&mut row)?;
    let mut flags = Vec::new();
    for flag in MemberFlag::ALL {
        if bool::read_values(&mut row)? {
            flags.push(flag);
        }
    }
    Ok(ListedMember { card, facts: MemberFacts { joined, active, exp, flags } })
}

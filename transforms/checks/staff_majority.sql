-- Airmeets at which staff outnumber those who came, are no fewer than five, and outnumber those who
-- registered too: people who registered like guests are taken for staff. Speakers and exhibitors
-- mostly come unregistered, so a small airmeet may well have more of them than guests.
-- severity: warning
-- mend: see the user types of its participants; a seed says which are staff (REPORTS__STAFF_TYPES)
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   attended bigint: Who attended, staff left out.
--   staff_attended bigint: Its staff who came.
with final as (
    select airmeet_id, attended, staff_attended
    from event_summary
    where
        staff_attended > attended and staff_attended >= 5
        and coalesce(staff_registered > registered - staff_registered, true)
)

select * from final

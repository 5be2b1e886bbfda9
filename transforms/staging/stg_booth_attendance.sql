-- One row a visitor of a booth; whoever is listed came at least once.
select
    airmeet_id,
    booth_id,
    id as attendance_id,
    nullif(lower(trim(email)), '') as person,
    name,
    user_id,
    coalesce(visits, 1) as visits,
    coalesce(interested_in_being_contacted, false) as is_interested
from booth_attendance

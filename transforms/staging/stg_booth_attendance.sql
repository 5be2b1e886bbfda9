-- One row a visitor of a booth; whoever is listed without a number that can be true came once.
select
    airmeet_id,
    booth_id,
    id as attendance_id,
    person,
    nullif(name, '') as name,
    user_id,
    case when visits between 0 and 1000000 then visits else 1 end as visits,
    coalesce(interested_in_being_contacted, false) as is_interested
from booth_attendance

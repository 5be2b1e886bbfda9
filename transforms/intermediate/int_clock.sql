-- One row: the moment of the last request, by which data is late and domains are active lately.
-- rebuilt: whole
-- stored: build
select max(requested_at) as last_fetch from stg_feed_syncs

/* What libical reads in a calendar: read FILE, one JSON line for each event. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static long seconds(icalcomponent *event, icalproperty_kind kind) {
    icalproperty *property = icalcomponent_get_first_property(event, kind);
    struct icaltimetype time = icalproperty_get_datetime_with_component(property, event);
    return (long)icaltime_as_timet_with_zone(time, icaltime_get_timezone(time));
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!file) return 2;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc((size_t)size + 1, 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) return 2;
    icalcomponent *calendar = icalparser_parse_string(text);
    if (!calendar || icalcomponent_count_errors(calendar) || !icalrestriction_check(calendar)) {
        fprintf(stderr, "%s\n", calendar ? icalcomponent_as_ical_string(calendar) : "not a calendar");
        return 1;
    }
    for (icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
        printf("{\"uid\": \"%s\", \"start\": %ld, \"end\": %ld, \"status\": \"%s\", \"sequence\": %d}\n",
               icalcomponent_get_uid(event), seconds(event, ICAL_DTSTART_PROPERTY), seconds(event, ICAL_DTEND_PROPERTY),
               icalproperty_status_to_string(icalproperty_get_status(status)), icalcomponent_get_sequence(event));
    }
    return 0;
}

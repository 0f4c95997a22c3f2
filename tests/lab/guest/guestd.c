/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * guestd: everything that runs in a guest of the lab. It is there to be watched while its VM is moved, stopped and upgraded.
 *
 * TCP 7000, any number of clients for as long as they like:
 *   q  one line of JSON: who answers, since which boot, a counter that runs on every 10 ms
 *   v  reads the records back from the disk and tells how many are there, missing and damaged
 *   d  changes 40 MiB of memory over and over from now on, faster than a slow link can carry it away; answers as q
 *   c  is calm again; answers as q
 * Disk: a record of one sector every 200 ms, in a ring. After a boot it goes on behind the newest record on the disk, so
 * what an earlier boot wrote is checked too.
 * Power button: ends the guest at once.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/fs.h>
#include <linux/input.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7000, SECTOR = 512, CHUNK = 128 * SECTOR, RING_SECTORS = 16384, INTERVAL_MS = 200 };
static const char MAGIC[8] = "EVGREC1";

/* One sector. The checksum covers everything before it. */
struct record {
    char magic[8];
    uint64_t sequence;
    uint64_t wall_ns;
    uint64_t monotonic_ns;
    char boot_id[40];
    char unused[SECTOR - 8 - 3 * 8 - 40 - 4];
    uint32_t crc;
};
_Static_assert(sizeof(struct record) == SECTOR, "a record is one sector");

struct census {
    uint64_t valid;   /* records that are where they belong */
    uint64_t damaged; /* sectors that were written and hold no valid record */
    uint64_t newest;  /* highest sequence seen */
};

static const char *name;
static char boot_id[40];
static int disk = -1;
static uint64_t ring = 0;            /* sectors in use on the disk */
static atomic_uint_fast64_t written; /* newest sequence known to be on the disk */
static atomic_uint_fast64_t bad;     /* failed writes, and damage found at boot */

static uint64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint32_t crc32(const void *data, size_t size)
{
    static uint32_t table[256];
    const unsigned char *byte = data;
    uint32_t crc = ~0u;
    if (!table[1])
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++)
                c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
            table[i] = c;
        }
    while (size--)
        crc = table[(crc ^ *byte++) & 0xff] ^ (crc >> 8);
    return ~crc;
}

/* ---- disk ---- */

static void judge(const struct record *r, uint64_t sector, struct census *found)
{
    static const struct record empty;
    if (!memcmp(r, &empty, SECTOR))
        return;
    int intact = !memcmp(r->magic, MAGIC, sizeof MAGIC) && r->crc == crc32(r, offsetof(struct record, crc));
    if (!intact || r->sequence % ring != sector) {
        found->damaged++;
        return;
    }
    found->valid++;
    if (r->sequence > found->newest)
        found->newest = r->sequence;
}

/* Read the first sectors of the ring past every cache of this guest. A chunk that cannot be read counts as damaged. */
static struct census take_census(uint64_t sectors)
{
    struct census found = {0};
    struct record *chunk = aligned_alloc(4096, CHUNK);
    for (uint64_t at = 0; at < sectors; at += CHUNK / SECTOR) {
        uint64_t here = sectors - at < CHUNK / SECTOR ? sectors - at : CHUNK / SECTOR;
        if (pread(disk, chunk, here * SECTOR, (off_t)(at * SECTOR)) != (ssize_t)(here * SECTOR)) {
            found.damaged += here;
            continue;
        }
        for (uint64_t i = 0; i < here; i++)
            judge(&chunk[i], at + i, &found);
    }
    free(chunk);
    return found;
}

static void write_record(struct record *r, uint64_t sequence)
{
    memcpy(r->magic, MAGIC, sizeof MAGIC);
    memcpy(r->boot_id, boot_id, sizeof boot_id);
    r->sequence = sequence;
    r->wall_ns = now_ns(CLOCK_REALTIME);
    r->monotonic_ns = now_ns(CLOCK_MONOTONIC);
    r->crc = crc32(r, offsetof(struct record, crc));
    if (pwrite(disk, r, SECTOR, (off_t)(sequence % ring * SECTOR)) == SECTOR)
        written = sequence;
    else
        bad++;
}

/* A thread of its own: a disk that stands still must not look like a network that does. */
static void *keep_writing(void *unused)
{
    struct record *r = aligned_alloc(4096, 4096);
    memset(r, 0, 4096);
    for (;;) {
        write_record(r, written + 1);
        usleep(INTERVAL_MS * 1000);
    }
    return unused;
}

static void start_disk(void)
{
    uint64_t bytes = 0;
    pthread_t thread;
    disk = open("/dev/vda", O_RDWR | O_DIRECT | O_SYNC | O_CLOEXEC);
    if (disk < 0 || ioctl(disk, BLKGETSIZE64, &bytes) || bytes < CHUNK)
        return;
    ring = bytes / SECTOR < RING_SECTORS ? bytes / SECTOR : RING_SECTORS;
    struct census found = take_census(ring);
    written = found.newest;
    bad = found.damaged;
    pthread_create(&thread, NULL, keep_writing, NULL);
}

/* ---- memory ---- */

enum { PAGE = 4096, RESTLESS_PAGES = 10240, PAUSE_US = 200000 };
static atomic_bool restless;

static void *keep_changing(void *unused)
{
    volatile unsigned char *memory = calloc(RESTLESS_PAGES, PAGE);
    for (;; usleep(PAUSE_US))
        for (size_t page = 0; memory && restless && page < RESTLESS_PAGES; page++)
            memory[page * PAGE]++;
    return unused;
}

static void be(bool wanted)
{
    static bool started;
    pthread_t thread;
    restless = wanted;
    if (wanted && !started)
        started = !pthread_create(&thread, NULL, keep_changing, NULL);
}

/* ---- answers ---- */

static int say_state(char *line, size_t size)
{
    uint64_t ms = now_ns(CLOCK_MONOTONIC) / 1000000;
    return snprintf(line, size,
                    "{\"name\":\"%s\",\"boot_id\":\"%s\",\"counter\":%llu,\"uptime_s\":%.2f,\"records\":%llu,\"bad\":%llu}\n",
                    name, boot_id, (unsigned long long)(ms / 10), (double)ms / 1000, (unsigned long long)written,
                    (unsigned long long)bad);
}

/* What has to be there: every record up to the newest that was ever written, as far as the ring reaches back.
 * Sequences start at 1, so sector 0 is used from the first full round on. */
static int say_census(char *line, size_t size)
{
    uint64_t newest = written;
    uint64_t expected = newest < ring ? newest : ring;
    struct census found = {0};
    if (ring)
        found = take_census(newest + 1 < ring ? newest + 1 : ring);
    uint64_t missing = expected > found.valid ? expected - found.valid : 0;
    return snprintf(line, size, "{\"records\":%llu,\"missing\":%llu,\"damaged\":%llu}\n",
                    (unsigned long long)found.valid, (unsigned long long)missing, (unsigned long long)found.damaged);
}

static int obey(char request, char *line, size_t size)
{
    if (request == 'd' || request == 'c')
        be(request == 'd');
    if (request == 'v')
        return say_census(line, size);
    return request && strchr("qdc", request) ? say_state(line, size) : 0;
}

static void answer(int client)
{
    char request[64], line[256];
    ssize_t got = read(client, request, sizeof request);
    for (ssize_t i = 0; i < got; i++) {
        int size = obey(request[i], line, sizeof line);
        if (send(client, line, (size_t)size, MSG_NOSIGNAL) != size)
            got = 0;
    }
    if (got == 0 || (got < 0 && errno != EAGAIN))
        close(client);
}

static void power_button(int events)
{
    struct input_event event;
    while (read(events, &event, sizeof event) == sizeof event)
        if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
            reboot(RB_POWER_OFF);
}

/* ---- start ---- */

/* Let the guest compute its checksums itself: the userspace datapath of Open vSwitch would carry its packets without any. */
static void compute_checksums(void)
{
    struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM, .data = 0};
    struct ifreq request = {.ifr_name = "eth0", .ifr_data = (char *)&off};
    int any = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(any, SIOCETHTOOL, &request))
        perror("guestd: checksum offload of eth0");
    close(any);
}

static void read_boot_id(void)
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (!file || fscanf(file, "%36s", boot_id) != 1)
        perror("guestd: boot_id");
    if (file)
        fclose(file);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 64))
        perror("guestd: listen");
    return listener;
}

/* What an epoll event is about: one word, its kind above its descriptor. */
enum kind { LISTENER, BUTTON, CLIENT };

static void watch(int loop, enum kind kind, int fd)
{
    struct epoll_event in = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32 | (uint32_t)fd};
    if (fd >= 0)
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &in);
}

/* Any of the input devices may be the power button: it depends on the machine type which one. */
static void watch_buttons(int loop)
{
    char path[] = "/dev/input/event0";
    for (char digit = '0'; digit <= '9'; digit++) {
        path[sizeof path - 2] = digit;
        watch(loop, BUTTON, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    }
}

static void serve(int loop, enum kind kind, int fd)
{
    if (kind == LISTENER)
        watch(loop, CLIENT, accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
    else if (kind == BUTTON)
        power_button(fd);
    else
        answer(fd);
}

int main(int argc, char **argv)
{
    name = argc > 1 ? argv[1] : "guest";
    read_boot_id();
    compute_checksums();
    int loop = epoll_create1(EPOLL_CLOEXEC);
    watch(loop, LISTENER, listen_on(PORT));
    watch_buttons(loop);
    start_disk();
    printf("guestd: %s is up\n", name);
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[16];
        int count = epoll_wait(loop, ready, 16, -1);
        for (int i = 0; i < count; i++)
            serve(loop, ready[i].data.u64 >> 32, (int)ready[i].data.u64);
    }
}

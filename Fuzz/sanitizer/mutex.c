// Shows ThreadSanitizer the locks that it cannot see.
//
// Swift's Mutex takes a free lock by an atomic operation in its caller, which the sanitizer sees. For one that
// somebody holds it waits in the standard library, which is not built with the sanitizer, and the kernel hands the
// lock over: what the last holder wrote then seems to be unordered with what the next one reads, and is reported as a
// race. Two threads that count under one Mutex are enough for that.
//
// Loaded before the standard library (LD_PRELOAD), the functions below take the place of its three slow ones, call
// them, and tell the sanitizer. In a process without the sanitizer they only call them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

// Methods of Synchronization._MutexHandle, whose one field, the lock word, lies at its own address.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

SWIFT void lockSlow(uint32_t thread, SELF handle) __asm__(LOCK);
SWIFT bool tryLockSlow(SELF handle) __asm__(TRY_LOCK);
SWIFT void unlockSlow(SELF handle) __asm__(UNLOCK);

SWIFT void lockSlow(uint32_t thread, SELF handle) {
    SWIFT void (*real)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    real(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT bool tryLockSlow(SELF handle) {
    SWIFT bool (*real)(SELF) = dlsym(RTLD_NEXT, TRY_LOCK);
    bool isTaken = real(handle);
    if (isTaken && __tsan_acquire) __tsan_acquire(handle);
    return isTaken;
}

SWIFT void unlockSlow(SELF handle) {
    SWIFT void (*real)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(handle);
    real(handle);
}

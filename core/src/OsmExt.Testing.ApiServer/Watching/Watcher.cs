using System.Globalization;
using System.Runtime.CompilerServices;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Watching;

/// <summary>Follows the store for one watch.</summary>
internal sealed class Watcher(ObjectStore store, ObjectWriter writer, TimeProvider clock, TimeSpan bookmarkInterval)
{
    /// <summary>The events of a watch, until its time is over, its kind is gone or it has fallen too far behind.</summary>
    public async IAsyncEnumerable<WatchEvent> FollowAsync(WatchRequest request, StoreState latest, [EnumeratorCancellation] CancellationToken stop)
    {
        var kind = request.Target.Kind;
        var until = clock.GetUtcNow() + request.Timeout;
        var revision = Start(request, latest);
        if (request.InitialEvents || request.From is "" or "0")
        {
            foreach (var stored in latest.Of(kind.GroupResource).Values.Where(request.Selection.Includes))
            {
                yield return await EventAsync("ADDED", kind, stored, stop).ConfigureAwait(false);
            }

            revision = latest.Revision;
            if (request.InitialEvents && request.Bookmarks)
            {
                yield return WatchEvents.Bookmark(kind, revision, initialEventsEnd: true);
            }
        }

        var bookmark = clock.GetUtcNow() + bookmarkInterval;
        while (store.Kinds.At(kind.Group, kind.Version, kind.Plural) is not null)
        {
            if (store.After(revision) is not { } news)
            {
                yield return new("ERROR", Refusals.Expired($"too old resource version: {revision} ({store.Compacted})").ToStatus());
                yield break;
            }

            foreach (var change in news.Changes)
            {
                if (WatchEvents.Of(change, kind.GroupResource, request.Selection) is { } seen)
                {
                    yield return await EventAsync(seen.Type, kind, seen.Shown, stop).ConfigureAwait(false);
                }
            }

            revision = news.State.Revision;
            var now = clock.GetUtcNow();
            var due = request.Bookmarks && bookmark < until ? bookmark : until;
            if (now < due && await NextAsync(news.Next, due - now, stop).ConfigureAwait(false))
            {
                continue;
            }

            if (request.Bookmarks)
            {
                yield return WatchEvents.Bookmark(kind, revision, initialEventsEnd: false);
                bookmark = clock.GetUtcNow() + bookmarkInterval;
            }

            if (clock.GetUtcNow() >= until)
            {
                yield break;
            }
        }
    }

    private async Task<WatchEvent> EventAsync(string type, ResourceKind kind, StoredObject stored, CancellationToken stop)
    {
        var value = await writer.ServedFormAsync(kind, stored, stop).ConfigureAwait(false);
        return new(type, value, ReferenceEquals(value, stored.Object) ? stored.Whole : null);
    }

    private long Start(WatchRequest request, StoreState latest)
    {
        if (request.From is "" or "0")
        {
            return latest.Revision;
        }

        if (!long.TryParse(request.From, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw Refusal.BadRequest($"Invalid value: \"{request.From}\": must be a number");
        }

        return revision <= store.State.Revision ? revision : throw Refusals.TooLargeRevision(revision, store.State.Revision);
    }

    // Whether something has been stored before the time was over.
    private async Task<bool> NextAsync(Task next, TimeSpan time, CancellationToken stop)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var first = await Task.WhenAny(next, Task.Delay(time, clock, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return first == next;
    }
}

using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>Keeps one kind, whether the server has it or not: a kind that is not there has no objects, and is looked for when definitions change.</summary>
internal sealed class KindWatch(ResourceKind kind, ClusterClient client, KindCatalog catalog, ClusterTable table, TextPool texts, ReflectorShare share, TimeSpan lookAgain)
{
    // A definition is there a little before its kind is served.
    private const int QuickLooks = 6;

    // Where definitions are watched, looking is only for what nobody thought of.
    private const int RareLooks = 10;

    private readonly Backoff _backoff = new(share.Options.FirstWait, share.Options.LongestWait, share.Random);

    public string Name { get; } = NameOf(kind);

    public static string NameOf(ResourceKind kind) => $"{kind.Kind}.{kind.Group}";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var looks = 0;
        while (true)
        {
            var changed = catalog.ChangedAsync();
            try
            {
                if (await catalog.FindAsync(kind, cancellationToken).ConfigureAwait(false) is { } resource)
                {
                    table.Report(Name, null);
                    await ReflectAsync(resource, cancellationToken).ConfigureAwait(false);
                    looks = 0;
                }

                if (await IsGoneAsync(cancellationToken).ConfigureAwait(false))
                {
                    Sink(kind.Versions[0]).Clear();
                    table.Report(Name, null);
                }
                else
                {
                    continue;
                }

                looks = await WaitAsync(changed, looks, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is HttpRequestException or ClusterCallException or System.Text.Json.JsonException)
            {
                table.Report(Name, Trouble(kind, failure.Message));
                await Task.Delay(_backoff.Next((failure as ClusterCallException)?.RetryAfter), share.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What is said while objects are kept that the server does not have.</summary>
    public static Diagnostic Doubt(ResourceKind kind, string what, bool isOther) => new(DiagnosticCodes.ListDoubted, Severity.Error, null, "", $"{what}; they stay in force",
        isOther ? $"The API server is another cluster's now, or its store was lost or cannot be reached: the namespace kube-system is not the one that was there. Bring the objects back; or, if they are to be gone, restart the control plane"
            : $"Nothing, if {kind.Kind} objects were deleted: they go when the next lists say the same");

    // A server that has just started, or whose discovery fails, has no kind for a moment; that is no reason to forget all of its objects.
    private async Task<bool> IsGoneAsync(CancellationToken cancellationToken)
    {
        var sink = Sink(kind.Versions[0]);
        for (var look = 1; sink.Count is > 0 and var count; look++)
        {
            var isSame = await share.Cluster.IsSameAsync(client, cancellationToken).ConfigureAwait(false);
            if (isSame && look >= share.Options.DoubtedLists)
            {
                return true;
            }

            table.Report(Name, Doubt(kind, $"The API server does not serve {kind.Kind} any more, of which there are {count} objects", !isSame));
            await Task.Delay(share.Options.DoubtPause, share.Time, cancellationToken).ConfigureAwait(false);
            if (await catalog.FindAsync(kind, cancellationToken).ConfigureAwait(false) is not null)
            {
                return false;
            }
        }

        return true;
    }

    public static Diagnostic Trouble(ResourceKind kind, string reason) => new(DiagnosticCodes.ClusterNotRead, Severity.Error, null, "",
        $"{kind.Kind} objects cannot be read: {reason.TrimEnd('.')}", "What was read last stays in force; it is tried again. If it is forbidden, let the control plane's service account list and watch them");

    private async Task ReflectAsync(ApiResource resource, CancellationToken cancellationToken)
    {
        _backoff.Reset();
        var reflector = new Reflector(client, resource, Sink(resource.Version), share)
        {
            MetadataOnly = kind.Reads.IsMetadataOnly,
            Trouble = reason => table.Report(Name, reason is null ? null : Trouble(kind, reason)),
            Doubted = (doubt, isOther) => table.Report($"{Name} list", doubt is null ? null : Doubt(kind, $"The API server's list lacks {doubt.Missing} of {doubt.Known} {kind.Kind} objects", isOther)),
        };
        await reflector.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private TableSink Sink(string version)
        => new(table, new(kind, version, texts), key => string.Equals(key.Kind, kind.Kind, StringComparison.Ordinal), () => table.Arrived(Name));

    private async Task<int> WaitAsync(Task changed, int looks, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pause = looks is > 0 and < QuickLooks ? _backoff.Next() : catalog.IsWatched ? lookAgain * RareLooks : lookAgain;
        await Task.WhenAny(changed, Task.Delay(pause, share.Time, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (changed.IsCompleted)
        {
            _backoff.Reset();
            return 1;
        }

        return looks == 0 ? 0 : looks + 1;
    }
}

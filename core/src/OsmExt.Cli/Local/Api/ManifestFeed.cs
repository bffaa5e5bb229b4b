using System.Collections.Immutable;
using System.Net;
using k8s.Autorest;
using OsmExt.Cli.Clusters;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local.Api;

/// <summary>
/// Keeps an API server in step with manifests: what is new or different in them is applied, what is gone from them is deleted. What others bring to the server is theirs. Of a change
/// by kubectl to an object of the manifests the later counts.
/// </summary>
internal sealed class ManifestFeed(ClusterSession session, IReadOnlyList<string> sources, TimeProvider time)
{
    private const long MostBytes = 32 << 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly Dictionary<FedObject, string> _brought = [];
    private ImmutableDictionary<ResourceKey, EquatableArray<string>> _addresses = ImmutableDictionary<ResourceKey, EquatableArray<string>>.Empty;
    private DirectoryScan? _scan;
    private long _tried;
    private bool _isDue;

    /// <summary>The pods in the manifests.</summary>
    public IEnumerable<ResourceKey> Pods => _addresses.Keys;

    /// <summary>How often it has brought them.</summary>
    public int Rounds { get; private set; }

    /// <summary>What of the manifests is not on the server, and why; a line each.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>The addresses that the manifests give a pod; none when they leave that open.</summary>
    public EquatableArray<string> AddressesOf(ResourceKey pod) => _addresses.GetValueOrDefault(pod);

    /// <summary>Brings what is in the manifests now.</summary>
    public async Task BringAsync(CancellationToken cancellation)
    {
        _scan = DirectoryScanner.Scan(sources);
        _tried = time.GetTimestamp();
        var read = ManifestDocuments.Read(_scan, MostBytes);
        var problems = new List<string>(read.Problems);
        var kinds = new ClusterKinds(session);
        _addresses = read.Pods;
        _isDue = false;
        foreach (var (item, document) in read.Objects.OrderBy(entry => entry.Key.Order))
        {
            var text = document.ToJsonString();
            if (_brought.GetValueOrDefault(item) != text && await TryAsync(kinds, item, text, problems, cancellation).ConfigureAwait(false))
            {
                _brought[item] = text;
            }
        }

        // A file that cannot be read may still have what it had.
        foreach (var gone in read.IsWhole ? _brought.Keys.Where(item => !read.Objects.ContainsKey(item)).OrderByDescending(item => item.Order).ToArray() : [])
        {
            if (await TryAsync(kinds, gone, null, problems, cancellation).ConfigureAwait(false))
            {
                _brought.Remove(gone);
            }
        }

        foreach (var problem in problems.Except(Problems, StringComparer.Ordinal))
        {
            await Console.Error.WriteLineAsync($"osm: {problem}").ConfigureAwait(false);
        }

        (Problems, Rounds) = (problems, Rounds + 1);
    }

    /// <summary>Brings what changes in them, until cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Look, time);
        var last = _scan;
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            // Two looks that agree: nobody is writing.
            var scan = DirectoryScanner.Scan(sources);
            if (scan.Equals(last) && (!scan.Equals(_scan) || (_isDue && time.GetElapsedTime(_tried) >= Retry)))
            {
                await BringAsync(cancellation).ConfigureAwait(false);
            }

            last = scan;
        }
    }

    // Without a text it is deleted.
    private async Task<bool> TryAsync(ClusterKinds kinds, FedObject item, string? text, List<string> problems, CancellationToken cancellation)
    {
        try
        {
            if (await kinds.FindAsync(item.ApiVersion, item.Kind, cancellation).ConfigureAwait(false) is not { } found)
            {
                problems.Add($"{item} is not taken: no kind {item.Kind} of {item.ApiVersion} is served");
                return text is null;
            }

            var path = ClusterKinds.PathOf(item.ApiVersion, found, item.Namespace, item.Name);
            if (text is null)
            {
                await kinds.DeleteAsync(path, cancellation).ConfigureAwait(false);
            }
            else
            {
                await kinds.ApplyAsync(path, text, cancellation).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or HttpOperationException)
        {
            // What is wrong with an object stays wrong until it changes; anything else passes.
            var refused = failure as HttpOperationException;
            _isDue |= refused?.Response?.StatusCode is null or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
            problems.Add($"{item} is not {(text is null ? "deleted" : "taken")}: {(refused is null ? failure.Message : ApiFailure.Message(refused))}");
            return false;
        }
    }
}

/// <summary>An object of manifests.</summary>
internal sealed record FedObject(string ApiVersion, string Kind, string Namespace, string Name)
{
    /// <summary>What others need comes first; pods come when what is said about them is there.</summary>
    public int Order => Kind switch { "CustomResourceDefinition" => 0, "Namespace" => 1, nameof(Pod) => 3, _ => 2 };

    public override string ToString() => $"{Kind} {(Namespace.Length > 0 ? $"{Namespace}/" : "")}{Name}";
}

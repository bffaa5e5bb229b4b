using k8s;
using k8s.Autorest;
using k8s.Models;

namespace OsmExt.Node.Volumes;

/// <summary>The volumes of one pod: written before it starts, and followed while it runs.</summary>
internal sealed class PodVolumes(V1Pod pod, string directory, IKubernetes api, Func<string, string> field)
{
    private readonly Dictionary<string, (string Token, DateTimeOffset Renew)> _tokens = new(StringComparer.Ordinal);

    private string Namespace => pod.Metadata.NamespaceProperty;

    private long? Group => pod.Spec.SecurityContext?.FsGroup;

    /// <summary>Where a volume is on the node.</summary>
    public string PathOf(string volume) => Path.Join(directory, volume);

    /// <summary>Writes all volumes as they should be now.</summary>
    /// <exception cref="InvalidOperationException">Something they are made of is not there, or they are of a kind this node has not.</exception>
    public async Task WriteAsync(TimeProvider time, CancellationToken cancellation)
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            await WriteAsync(volume, time, cancellation);
        }
    }

    private async Task WriteAsync(V1Volume volume, TimeProvider time, CancellationToken cancellation)
    {
        var path = PathOf(volume.Name);
        if (volume.EmptyDir is not null)
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("777", 8));
            }

            return;
        }

        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var mode = Mode(volume.Secret?.DefaultMode ?? volume.ConfigMap?.DefaultMode ?? volume.Projected?.DefaultMode ?? volume.DownwardAPI?.DefaultMode);
        V1VolumeProjection[] sources = volume switch
        {
            { Secret: { } secret } => [new() { Secret = new() { Name = secret.SecretName, Items = secret.Items, Optional = secret.Optional } }],
            { ConfigMap: { } map } => [new() { ConfigMap = new() { Name = map.Name, Items = map.Items, Optional = map.Optional } }],
            { DownwardAPI: { } down } => [new() { DownwardAPI = new() { Items = down.Items } }],
            { Projected: { } projected } => [.. projected.Sources],
            _ => throw new InvalidOperationException($"volume '{volume.Name}' is of a kind this node has not"),
        };
        foreach (var source in sources)
        {
            await AddAsync(files, source, volume.Name, time, cancellation);
        }

        VolumeFiles.Write(path, files, mode, Group);
    }

    private async Task AddAsync(Dictionary<string, byte[]> files, V1VolumeProjection source, string volume, TimeProvider time, CancellationToken cancellation)
    {
        if (source.Secret is { } secret)
        {
            Add(files, await FindAsync(() => api.CoreV1.ReadNamespacedSecretAsync(secret.Name, Namespace, cancellationToken: cancellation), secret.Optional, $"secret '{secret.Name}'"), secret.Items,
                found => found.Data?.ToDictionary(entry => entry.Key, entry => entry.Value) ?? []);
        }
        else if (source.ConfigMap is { } map)
        {
            Add(files, await FindAsync(() => api.CoreV1.ReadNamespacedConfigMapAsync(map.Name, Namespace, cancellationToken: cancellation), map.Optional, $"configmap '{map.Name}'"), map.Items,
                found => (found.Data ?? new Dictionary<string, string>()).ToDictionary(entry => entry.Key, entry => VolumeFiles.Text(entry.Value)));
        }
        else if (source.ServiceAccountToken is { } token)
        {
            files[token.Path] = VolumeFiles.Text(await TokenAsync(token, volume, time, cancellation));
        }

        foreach (var item in source.DownwardAPI?.Items ?? [])
        {
            files[item.Path] = VolumeFiles.Text(field(item.FieldRef?.FieldPath ?? throw new InvalidOperationException($"volume '{volume}' wants a resource's size")));
        }
    }

    private static void Add<T>(Dictionary<string, byte[]> files, T? found, IList<V1KeyToPath>? items, Func<T, Dictionary<string, byte[]>> read)
        where T : class
    {
        var content = found is null ? [] : read(found);
        foreach (var (key, value) in content)
        {
            if (items is not { Count: > 0 })
            {
                files[key] = value;
            }
        }

        foreach (var item in items ?? [])
        {
            if (content.TryGetValue(item.Key, out var value))
            {
                files[item.Path] = value;
            }
        }
    }

    private static async Task<T?> FindAsync<T>(Func<Task<T>> read, bool? optional, string what)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return optional == true ? null : throw new InvalidOperationException($"{what} is not there", e);
        }
    }

    // Bound to the pod, and made anew before its time is over.
    private async Task<string> TokenAsync(V1ServiceAccountTokenProjection wanted, string volume, TimeProvider time, CancellationToken cancellation)
    {
        var key = $"{volume}/{wanted.Path}";
        if (_tokens.TryGetValue(key, out var known) && time.GetUtcNow() < known.Renew)
        {
            return known.Token;
        }

        var seconds = wanted.ExpirationSeconds ?? 3600;
        var request = new Authenticationv1TokenRequest
        {
            ApiVersion = "authentication.k8s.io/v1", Kind = "TokenRequest",
            Spec = new()
            {
                Audiences = wanted.Audience is { Length: > 0 } audience ? [audience] : [],
                ExpirationSeconds = seconds,
                BoundObjectRef = new() { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            },
        };
        var answer = await api.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, pod.Spec.ServiceAccountName ?? "default", Namespace, cancellationToken: cancellation);
        _tokens[key] = (answer.Status.Token, time.GetUtcNow() + TimeSpan.FromSeconds(seconds * 0.8));
        return answer.Status.Token;
    }

    private static UnixFileMode Mode(int? mode) => (UnixFileMode)(mode ?? Convert.ToInt32("644", 8));
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Roots in Secrets of the control plane's namespace, <c>ca.crt</c> and <c>private.key</c>, and which does what in a ConfigMap. Of replicas that start at once one creates a root, and the others
/// take it. A change of what is in force counts only on top of what this replica has seen.
/// </summary>
internal sealed partial class ClusterRoots(ClusterClient client, ClusterOptions options, CompilerOptions mesh, TimeProvider time, ILogger<ClusterRoots> logger) : IRootStore
{
    public const string StateName = "osm-mesh-roots";
    public const string StateKey = "state.json";
    private const string Certificate = "ca.crt";
    private const string Key = "private.key";
    private const string Generated = MeshRootCertificate.DefaultName + "-";
    private const int Attempts = 8;

    private static readonly ApiResource ConfigMaps = new("", "v1", "configmaps");
    private static readonly ApiResource Certificates = new("config.openservicemesh.io", "v1alpha2", "meshrootcertificates");
    private JsonNode? _state;
    private bool _isOpen;

    public static ApiResource StateResource => ConfigMaps;

    /// <summary>The Secret of a root that has no other.</summary>
    public string SecretOf(string root) => root == MeshRootCertificate.DefaultName ? options.CaBundleSecret
        : $"{options.CaBundleSecret}--{(root.StartsWith(Generated, StringComparison.Ordinal) ? root[Generated.Length..] : root)}";

    public RootCertificate LoadOrCreate(string name)
    {
        var root = Wait(SecretOf(name), own => FindOrCreateAsync(name, own));
        _isOpen = true;
        return root;
    }

    public RootState? Read(string firstTrustDomain) => Wait(StateName, async name =>
    {
        _state = await client.FindAsync(new("get", "configmaps", ConfigMaps.Of(mesh.OsmNamespace, name)), CancellationToken.None).ConfigureAwait(false);
        return Parse(_state, firstTrustDomain);
    });

    /// <summary>The state in a ConfigMap; null when there is none.</summary>
    public static RootState? Parse(JsonNode? state, string firstTrustDomain)
    {
        try
        {
            return (string?)state?["data"]?[StateKey] is { } text ? RootStateText.Read(text, firstTrustDomain) : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.Unreadable,
                $"ConfigMap {StateName} cannot be read ({failure.Message}). It says which root signs: restore it from a backup.", failure);
        }
    }

    /// <summary>What the next change is made on top of.</summary>
    public void Saw(JsonNode state) => _state = state;

    public void Write(RootState state) => Wait(StateName, async name =>
    {
        var next = _state?.DeepClone() ?? New("ConfigMap", name);
        next["data"] = new JsonObject { [StateKey] = RootStateText.Of(state) };
        var (verb, path) = _state is null ? ("create", ConfigMaps.In(mesh.OsmNamespace)) : ("update", ConfigMaps.Of(mesh.OsmNamespace, name));
        return _state = await client.AskAsync(new(verb, "configmaps", path) { Body = next }, CancellationToken.None).ConfigureAwait(false);
    });

    // What a root was made in stays its place. Otherwise it is in the Secret that its object names: somebody may have brought a root of their own.
    private async Task<RootCertificate> FindOrCreateAsync(string name, string own)
    {
        if (await SecretAsync(own).ConfigureAwait(false) is { } made)
        {
            return Read(own, made);
        }

        var named = await NamedSecretAsync(name).ConfigureAwait(false);
        if (named is not null && await SecretAsync(named).ConfigureAwait(false) is { } brought)
        {
            return Read(named, brought);
        }

        return await CreateAsync(name == MeshRootCertificate.DefaultName ? own : named ?? own).ConfigureAwait(false);
    }

    private Task<JsonNode?> SecretAsync(string name) => client.FindAsync(new("get", "secrets", ApiResource.Secrets.Of(mesh.OsmNamespace, name)), CancellationToken.None);

    // Asked for and not looked up among the objects: roots are read before those are.
    private async Task<string?> NamedSecretAsync(string root)
    {
        var list = await client.FindAsync(new("list", Certificates.Plural, Certificates.In(mesh.OsmNamespace)) { Query = $"fieldSelector={Uri.EscapeDataString($"metadata.name={root}")}" }, CancellationToken.None)
            .ConfigureAwait(false);
        var reference = (list?["items"] as JsonArray)?.FirstOrDefault()?["spec"]?["provider"]?["tresor"]?["ca"]?["secretRef"];
        if ((string?)reference?["namespace"] is { Length: > 0 } ns && ns != mesh.OsmNamespace)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.Unreadable,
                $"MeshRootCertificate {root} names a Secret in namespace {ns}. Roots are read from namespace {mesh.OsmNamespace} only: put the Secret there, and name that namespace in secretRef.");
        }

        return (string?)reference?["name"] is { Length: > 0 } secret ? secret : null;
    }

    private async Task<RootCertificate> CreateAsync(string secret)
    {
        var root = RootCertificate.Create(time.GetUtcNow());
        try
        {
            await client.AskAsync(new("create", "secrets", ApiResource.Secrets.In(mesh.OsmNamespace)) { Body = Secret(secret, root) }, CancellationToken.None).ConfigureAwait(false);
            Log.Created(logger, mesh.OsmNamespace, secret, root.KeyId);
            return root;
        }
        catch (ClusterCallException refusal) when (refusal.IsConflict)
        {
            root.Dispose();
            return Read(secret, await client.AskAsync(new("get", "secrets", ApiResource.Secrets.Of(mesh.OsmNamespace, secret)), CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception)
        {
            root.Dispose();
            throw;
        }
    }

    private RootCertificate Read(string secret, JsonNode found)
    {
        var where = $"Secret {mesh.OsmNamespace}/{secret}";
        var key = Field(where, found, Key);
        var letters = Encoding.UTF8.GetChars(key);
        try
        {
            var root = new RootCertificateReader($"{where}, {Certificate},", $"{where}, {Key},").Read(Encoding.UTF8.GetString(Field(where, found, Certificate)), letters, time.GetUtcNow());
            Log.Loaded(logger, mesh.OsmNamespace, secret, root.KeyId, root.Window.NotAfter);
            return root;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            Array.Clear(letters);
        }
    }

    private static byte[] Field(string where, JsonNode secret, string field)
    {
        try
        {
            return Convert.FromBase64String((string?)secret["data"]?[field] ?? throw new FormatException("it is missing"));
        }
        catch (Exception failure) when (failure is FormatException or InvalidOperationException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.Incomplete,
                $"{where} has no usable {field}. Restore it from a backup, or delete the Secret to have a new root created and every pod of the mesh restarted.");
        }
    }

    private JsonObject Secret(string name, RootCertificate root)
    {
        var secret = New("Secret", name);
        secret["type"] = "Opaque";
        secret["data"] = new JsonObject
        {
            [Certificate] = Convert.ToBase64String(Encoding.ASCII.GetBytes(root.Pem)), [Key] = Convert.ToBase64String(root.ExportKey().Reveal().Span),
        };
        return secret;
    }

    private JsonObject New(string kind, string name) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name, ["namespace"] = mesh.OsmNamespace,
            ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = options.Name, ["app.kubernetes.io/part-of"] = "openservicemesh.io" },
        },
    };

    // Before anything is served there is nothing to do meanwhile. Later it is the mesh's loop that waits, and that tries again by itself.
    private T Wait<T>(string what, Func<string, Task<T>> attempt)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5), new(options.Seed));
        for (var tried = 1; ; tried++)
        {
            try
            {
                return attempt(what).GetAwaiter().GetResult();
            }
            catch (Exception failure) when (IsPassing(failure) && !_isOpen && tried < Attempts)
            {
                Log.TriedAgain(logger, what, failure.Message);
                Task.Delay(backoff.Next(), time).GetAwaiter().GetResult();
            }
            catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
            {
                throw new CertificateAuthorityException(CertificateAuthorityError.Unreadable,
                    $"{what} in namespace {mesh.OsmNamespace} cannot be read or written: {failure.Message.TrimEnd('.')}. The mesh's root is kept there; let the control plane's service account get, create and update it.", failure);
            }
        }
    }

    private static bool IsPassing(Exception failure) => failure is HttpRequestException or ClusterCallException { Status: 429 or >= 500 };

    private static partial class Log
    {
        [LoggerMessage(5310, LogLevel.Information, "Created the root certificate in Secret {Namespace}/{Secret}, key {KeyId}")]
        public static partial void Created(ILogger logger, string @namespace, string secret, string keyId);

        [LoggerMessage(5311, LogLevel.Information, "Loaded the root certificate of Secret {Namespace}/{Secret}, key {KeyId}, valid until {NotAfter}")]
        public static partial void Loaded(ILogger logger, string @namespace, string secret, string keyId, DateTimeOffset notAfter);

        [LoggerMessage(5312, LogLevel.Warning, "{What} cannot be read or written yet; it is tried again: {Reason}")]
        public static partial void TriedAgain(ILogger logger, string what, string reason);
    }
}

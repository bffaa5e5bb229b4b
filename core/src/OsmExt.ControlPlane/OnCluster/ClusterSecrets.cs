using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Serving;
using OsmExt.Kubernetes.Cluster;
using OsmExt.PluginHost.Certificates;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Secrets for those outside the mesh, as Secrets. Only those with the mesh's own label are ever touched: a Secret somebody else made under a name that is asked for stays as it is.
/// What is kept is noted on the Secret with the roots, so that the next leader knows it without listing Secrets.
/// </summary>
internal sealed partial class ClusterSecrets(LeaderCalls leader, ClusterOptions options, CompilerOptions mesh, ILogger<ClusterSecrets> logger) : ISecretKeep
{
    private const string OwnerLabel = "app.kubernetes.io/managed-by";
    private const string KeptNote = "openservicemesh.io/kept-secrets";

    private readonly Dictionary<ObjectName, string> _written = [];
    private string? _noted;

    private ObjectName Roots => new(mesh.OsmNamespace, GatewaySecrets.RootsName);

    public void Write(ObjectName secret, params IReadOnlyCollection<(string Field, object Value)> fields) => Do(async () =>
    {
        var data = new JsonObject(fields.OrderBy(field => field.Field, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Field, (JsonNode?)Convert.ToBase64String(SecretFiles.BytesOf(field.Value)))));
        var digest = Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(data.ToJsonString())));
        if (_written.GetValueOrDefault(secret) == digest)
        {
            return;
        }

        var found = await leader.ReadAsync(new("get", "secrets", ApiResource.Secrets.Of(secret.Namespace, secret.Name)), CancellationToken.None).ConfigureAwait(false);
        if (found is not null && !IsOurs(found))
        {
            Log.NotOurs(logger, secret.Namespace, secret.Name, OwnerLabel, options.Name);
        }
        else if (found is null || !JsonNode.DeepEquals(found["data"], data))
        {
            var next = found ?? New(secret, data);
            next["data"] = data;
            await leader.WriteAsync(new(found is null ? "create" : "update", "secrets", found is null ? ApiResource.Secrets.In(secret.Namespace) : ApiResource.Secrets.Of(secret.Namespace, secret.Name)) { Body = next },
                CancellationToken.None).ConfigureAwait(false);
        }

        _written[secret] = digest;
    });

    public void RemoveExcept(HashSet<ObjectName> kept, EquatableArray<string> patterns) => Do(async () =>
    {
        var note = string.Join(' ', kept.Order().Select(name => $"{name.Namespace}/{name.Name}"));
        if (note == _noted)
        {
            return;
        }

        var roots = await leader.ReadAsync(new("get", "secrets", ApiResource.Secrets.Of(Roots.Namespace, Roots.Name)), CancellationToken.None).ConfigureAwait(false);
        if (roots is null || !IsOurs(roots))
        {
            return;
        }

        var before = ((string?)roots["metadata"]?["annotations"]?[KeptNote] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name.Split('/')).Where(name => name.Length == 2)
            .Select(name => new ObjectName(name[0], name[1])).ToArray();
        var staying = before.Where(name => !kept.Contains(name) && CertificateGrant.Allows(patterns, $"{name}")).ToArray();
        foreach (var gone in before.Where(name => !kept.Contains(name) && !staying.Contains(name)))
        {
            await DeleteAsync(gone).ConfigureAwait(false);
        }

        var written = string.Join(' ', kept.Concat(staying).Order().Select(name => $"{name.Namespace}/{name.Name}"));
        if (written != ((string?)roots["metadata"]?["annotations"]?[KeptNote] ?? ""))
        {
            await leader.WriteAsync(new("patch", "secrets", ApiResource.Secrets.Of(Roots.Namespace, Roots.Name))
            {
                ContentType = ApiCall.MergePatch, Body = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [KeptNote] = written } } },
            }, CancellationToken.None).ConfigureAwait(false);
        }

        _noted = staying.Length == 0 ? note : null;
    });

    private async Task DeleteAsync(ObjectName secret)
    {
        _written.Remove(secret);
        var path = ApiResource.Secrets.Of(secret.Namespace, secret.Name);
        if (await leader.ReadAsync(new("get", "secrets", path), CancellationToken.None).ConfigureAwait(false) is { } found && IsOurs(found))
        {
            await leader.WriteAsync(new("delete", "secrets", path), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private bool IsOurs(JsonNode secret) => (string?)secret["metadata"]?["labels"]?[OwnerLabel] == options.Name;

    private JsonObject New(ObjectName secret, JsonObject data) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = "Secret", ["type"] = data.ContainsKey(SecretFiles.Key) ? "kubernetes.io/tls" : "Opaque",
        ["metadata"] = new JsonObject
        {
            ["name"] = secret.Name, ["namespace"] = secret.Namespace, ["labels"] = new JsonObject { [OwnerLabel] = options.Name, ["app.kubernetes.io/part-of"] = "openservicemesh.io" },
        },
    };

    // Who keeps them has a loop of its own, in which a failure is something to try again.
    private void Do(Func<Task> work)
    {
        try
        {
            work().GetAwaiter().GetResult();
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
        {
            // Somebody may have changed what was written.
            _written.Clear();
            throw new IOException(failure.Message, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5360, LogLevel.Error, "Secret {Namespace}/{Name} was made by somebody else and is not written to. Choose another name, or give it the label {Label}={Value}")]
        public static partial void NotOurs(ILogger logger, string @namespace, string name, string label, string value);
    }
}

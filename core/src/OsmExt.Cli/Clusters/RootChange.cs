using System.Text.Json.Nodes;

namespace OsmExt.Cli.Clusters;

/// <summary>Replaces a mesh's root certificate by MeshRootCertificates, and waits for each step until the mesh has taken it.</summary>
internal sealed class RootChange(ClusterSession session, TextWriter said, TimeProvider time)
{
    private const string Version = $"{MeshNames.ConfigGroup}/v1alpha2";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ClusterKinds _kinds = new(session);

    private string Path => $"apis/{Version}/namespaces/{session.OsmNamespace}/meshrootcertificates";

    /// <summary>The MeshRootCertificates that do something, with their roles.</summary>
    /// <exception cref="CommandException">A change is under way already, or cannot begin.</exception>
    public async Task<JsonNode?> ActiveAsync(CancellationToken cancellation)
    {
        var inUse = (await _kinds.ListAsync(Version, "MeshRootCertificate", cancellation, session.OsmNamespace).ConfigureAwait(false)).Where(root => Role(root) is "active" or "passive").ToArray();
        var active = inUse.Where(root => Role(root) == "active").ToArray();
        return inUse.Length > active.Length || active.Length > 1
            ? throw new CommandException($"a change of roots is under way: {string.Join(", ", inUse.Select(root => $"{Name(root)} is {Role(root)}"))}; finish or take back that one first, osm certificate status says where it is", ExitCode.UnusableInput)
            : active.FirstOrDefault();
    }

    /// <summary>Makes the new root, and takes the old one out of use when nobody needs it any more.</summary>
    /// <param name="name">The new MeshRootCertificate, which is made if it is not there.</param>
    /// <param name="trustDomain">Its trust domain; null for the old one's.</param>
    /// <param name="old">The old one; null when the mesh has the root that it began with, without an object for it.</param>
    /// <param name="delete">Whether the old one is deleted in the end.</param>
    /// <param name="patience">How long each step may take.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(string name, string? trustDomain, JsonNode? old, bool delete, TimeSpan patience, CancellationToken cancellation)
    {
        using var mesh = await RunningMesh.OfAsync(session, cancellation).ConfigureAwait(false);
        await MakeAsync(name, trustDomain ?? (string?)old?["spec"]?["trustDomain"], cancellation).ConfigureAwait(false);
        if (old is not null)
        {
            await SetRoleAsync(name, "passive", cancellation).ConfigureAwait(false);
            await UntilAsync(mesh, $"every sidecar believes {name}", page => Root(page, name) is { } root && (bool)root["trusted"]! && (int)root["trusted_by"]! == (int)page["proxies"]!, patience, cancellation).ConfigureAwait(false);
        }

        await SetRoleAsync(name, "active", cancellation).ConfigureAwait(false);
        if (old is not null)
        {
            await SetRoleAsync(Name(old), "passive", cancellation).ConfigureAwait(false);
        }

        await UntilAsync(mesh, $"{name} signs, and every sidecar has a certificate by it", page => $"{page["signing"]}" == name && Root(page, name)!["presented_by"]!.AsArray().Count >= (int)page["proxies"]!, patience, cancellation).ConfigureAwait(false);
        if (old is not null)
        {
            if (delete)
            {
                await _kinds.DeleteAsync($"{Path}/{Name(old)}", cancellation).ConfigureAwait(false);
            }
            else
            {
                await SetRoleAsync(Name(old), "inactive", cancellation).ConfigureAwait(false);
            }
        }

        await UntilAsync(mesh, "the old root is out of use everywhere", page => $"{page["step"]}" == "settled" && page["roots"]!.AsArray().All(root => $"{root!["name"]}" == name || !(bool)root["trusted"]!), patience, cancellation).ConfigureAwait(false);
    }

    /// <summary>The name of a MeshRootCertificate.</summary>
    public static string Name(JsonNode root) => $"{root["metadata"]!["name"]}";

    private static string Role(JsonNode root) => (string?)root["spec"]?["role"] ?? (string?)root["spec"]?["intent"] ?? "";

    private static JsonNode? Root(JsonNode page, string name) => page["roots"]!.AsArray().FirstOrDefault(root => $"{root!["name"]}" == name);

    private async Task MakeAsync(string name, string? trustDomain, CancellationToken cancellation)
    {
        if (await _kinds.ReadAsync($"{Path}/{name}", cancellation).ConfigureAwait(false) is { } there)
        {
            if (Role(there) is not ("inactive" or ""))
            {
                throw new CommandException($"MeshRootCertificate {name} is {Role(there)} already; name one that is inactive, or a new one", ExitCode.UnusableInput);
            }

            return;
        }

        await _kinds.SendAsync(HttpMethod.Post, Path, new JsonObject
        {
            ["apiVersion"] = Version, ["kind"] = "MeshRootCertificate", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = session.OsmNamespace },
            ["spec"] = new JsonObject
            {
                ["role"] = "inactive", ["trustDomain"] = trustDomain ?? "cluster.local",
                ["provider"] = new JsonObject { ["tresor"] = new JsonObject { ["ca"] = new JsonObject { ["secretRef"] = new JsonObject { ["name"] = $"osm-ca-bundle--{name}", ["namespace"] = session.OsmNamespace } } } },
            },
        }, "application/json", cancellation).ConfigureAwait(false);
        await said.WriteLineAsync($"MeshRootCertificate {name} is made.").ConfigureAwait(false);
    }

    private async Task SetRoleAsync(string name, string role, CancellationToken cancellation)
    {
        await _kinds.SendAsync(HttpMethod.Patch, $"{Path}/{name}", new JsonObject { ["spec"] = new JsonObject { ["role"] = role } }, "application/merge-patch+json", cancellation).ConfigureAwait(false);
        await said.WriteLineAsync($"MeshRootCertificate {name} is {role}.").ConfigureAwait(false);
    }

    private async Task UntilAsync(RunningMesh mesh, string what, Func<JsonNode, bool> holds, TimeSpan patience, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var told = "";
        while (true)
        {
            JsonNode? waiting = null;
            foreach (var replica in mesh.Replicas)
            {
                var page = await RunningMesh.ReadAsync(replica, "certificates", cancellation).ConfigureAwait(false);
                waiting ??= holds(page) ? null : page;
            }

            if (waiting is null)
            {
                await said.WriteLineAsync($"{char.ToUpperInvariant(what[0])}{what[1..]}.").ConfigureAwait(false);
                return;
            }

            var names = string.Join(", ", waiting["waits_for"]!.AsArray().Select(proxy => $"{proxy}"));
            if (time.GetElapsedTime(start) > patience)
            {
                throw new CommandException($"after {patience:c} it is not so that {what}: the mesh is at {waiting["step"]}{(names.Length > 0 ? $" and waits for {names}" : "")}. "
                    + "Nothing is lost: it goes on by itself, and osm certificate status says how far it is; --wait waits longer");
            }

            if (names.Length > 0 && names != told)
            {
                told = names;
                await said.WriteLineAsync($"  waiting for {names}").ConfigureAwait(false);
            }

            await Task.Delay(Interval, time, cancellation).ConfigureAwait(false);
        }
    }
}

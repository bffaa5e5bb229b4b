using Envoy.Extensions.Filters.Http.Lua.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>Objects that name somebody in another namespace, and what has to allow that.</summary>
public sealed class GrantTests : IDisposable
{
    private const string Template = """
        "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
        default_source_code: {inline_string: {{ spec.code + "|" + namespace + "|" + (target.namespace ?? target.service_namespace) + "/" + (target.service_account ?? target.service ?? "") }}}
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{kind: Service, name: web, namespace: shop}", "{group: \"\", kind: Service, name: web}", "own|ops|shop/web")]
    [InlineData("{kind: Service, name: web, port: 80, namespace: shop}", "{group: \"\", kind: Service}", "own|ops|shop/web")]
    [InlineData("{kind: ServiceAccount, name: web, namespace: shop}", "{group: \"\", kind: ServiceAccount, name: web}", "own|ops|shop/web")]
    [InlineData("{kind: Pod, labels: {app: web}, namespace: shop}", "{group: \"\", kind: Pod}", "own|ops|shop/")]
    public void What_is_granted_counts_in_the_other_namespace_and_nothing_else_does(string target, string to, string expected)
    {
        var script = Script("ops", "own", target);

        Assert.Equal([expected], Codes(script + Grant(to)));
        Assert.Empty(Codes(script));
        Assert.Empty(Codes(script + Grant(to, from: "shop")));
        Assert.Empty(Codes(script + Grant(to, kind: "Scripts")));
        Assert.Empty(Codes(script + Grant(to, group: "other.osmext.io")));
        Assert.Empty(Codes(script + Grant("{group: \"\", kind: Secret}")));
        Assert.Empty(Codes(script + Grant(to, at: "ops")));
        Assert.Equal([expected], Codes(script + Grant("{group: \"\", kind: Secret}", name: "a") + Grant(to, name: "b", version: "v1")));
    }

    [Theory]
    // Of a kind whose objects are meant by labels, leave for one object is none for others.
    [InlineData("{kind: Pod, labels: {app: web}, namespace: shop}", "{group: \"\", kind: Pod, name: web}", "each Pod", "{group: \"\", kind: Pod}")]
    [InlineData("{kind: Service, name: web, namespace: shop}", "{group: \"\", kind: Service, name: other}", "Service web", "{group: \"\", kind: Service, name: web}")]
    [InlineData("{kind: HTTPRouteGroup, name: books, service: web, namespace: shop}", "{group: specs.smi-spec.io, kind: HTTPRouteGroup}", "Service web", "{group: \"\", kind: Service, name: web}")]
    [InlineData("{kind: HTTPRouteGroup, name: books, service: web, namespace: shop}", "{group: \"\", kind: Secret}", "HTTPRouteGroup books and Service web",
        "{group: specs.smi-spec.io, kind: HTTPRouteGroup, name: books}, {group: \"\", kind: Service, name: web}")]
    public void What_is_missing_is_said_so_that_it_can_be_copied(string target, string granted, string words, string to)
    {
        var script = Script("ops", "own", target);
        var finding = Assert.Single(Contributions(script + Grant(granted)).Diagnostics);

        Assert.Equal((DiagnosticCodes.ReferenceNotGranted, Severity.Error, "Script ops/own", "spec.targetRef.namespace"), (finding.Code, finding.Severity, finding.Object.ToString(), finding.Field));
        Assert.Equal($"No ReferenceGrant of namespace shop lets Script objects of namespace ops name {words} there, so this object does not count", finding.Message);
        var yaml = finding.Advice[finding.Advice.IndexOf('{', StringComparison.Ordinal)..];
        Assert.EndsWith($"from: [{{group: test.osmext.io, kind: Script, namespace: ops}}], to: [{to}]}}}}", yaml, StringComparison.Ordinal);

        // What is to be written is enough.
        Assert.DoesNotContain(Contributions($"{script}{Grant(granted)}---\n{yaml}\n").Diagnostics, other => other.Code == DiagnosticCodes.ReferenceNotGranted);
    }

    [Theory]
    // The namespace itself before others, then as ever.
    [InlineData("shop", "ops|a|{kind: Service, name: web, namespace: shop}|", "shop|z|{kind: Service, name: web}|")]
    // A locked one counts before one of the namespace that is not.
    [InlineData("ops", "ops|a|{kind: Service, name: web, namespace: shop}|lock: true, ", "shop|z|{kind: Service, name: web}|")]
    // Of two locked ones that of the namespace.
    [InlineData("shop", "ops|a|{kind: Service, name: web, namespace: shop}|lock: true, ", "shop|z|{kind: Service, name: web}|lock: true, ")]
    // What is nearer counts whoever wrote it, but for locks.
    [InlineData("ops", "ops|a|{kind: Service, name: web, namespace: shop}|", "shop|z||")]
    [InlineData("shop", "ops|a|{kind: Service, name: web, namespace: shop}|lock: true, ", "shop|z||lock: true, ")]
    public void A_namespace_has_the_last_word_about_itself(string winner, params string[] objects)
    {
        var scripts = objects.Select(text => text.Split('|')).Select(parts => Script(parts[0], parts[1], parts[2], parts[3])).ToArray();
        var grant = Grant("{group: \"\", kind: Service}");

        Assert.Equal([winner], Codes(string.Concat(scripts) + grant).Select(code => code.Split('|')[1]));
        Assert.Equal([winner], Codes(grant + string.Concat(scripts.Reverse())).Select(code => code.Split('|')[1]));
    }

    [Fact]
    public void Grants_that_come_and_go_have_effect_as_if_they_had_always_been_so()
    {
        var set = _folder.Write(template: Template).Load();
        Assert.Empty(set.Diagnostics);
        string[] grants =
        [
            Grant("{group: \"\", kind: Service}", name: "services"), Grant("{group: \"\", kind: Pod}", name: "pods"), Grant("{group: \"\", kind: ServiceAccount, name: web}", name: "accounts"),
            Grant("{group: \"\", kind: Service, name: web}, {group: \"\", kind: Pod}", name: "both"),
        ];
        var objects = TranslationTests.Mesh + Script("ops", "s", "{kind: Service, name: web, namespace: shop}") + Script("ops", "p", "{kind: Pod, labels: {app: web}, namespace: shop}")
            + Script("ops", "a", "{kind: ServiceAccount, name: web, namespace: shop}") + Script("shop", "own", "");
        var snapshot = ResourceSnapshot.Of(Read(objects, set));
        var random = new Random(5);
        var there = new HashSet<int>();
        for (var step = 0; step < 60; step++)
        {
            var which = random.Next(grants.Length);
            var grant = Assert.Single(Read(grants[which], set));
            snapshot = snapshot.Apply(new([new(grant.Key, there.Add(which) ? grant : null)], [], true, 0), out _);
            if (snapshot.Find<ReferenceGrant>(grant.Key) is null)
            {
                there.Remove(which);
            }

            // Files in another order, read by plugins that have seen nothing before.
            var anew = ResourceSnapshot.Of(Read(string.Concat(there.OrderByDescending(index => index).Select(index => grants[index])) + "---\n" + objects, set));
            using var fresh = new Fresh(_folder);
            Assert.Equal(Result(anew, fresh.Set), Result(snapshot, set));
        }
    }

    private static string Result(ResourceSnapshot snapshot, PluginSet set)
    {
        var (mesh, contributions) = Compile(snapshot, set);
        var proxy = mesh.Translate(mesh.Proxies.All.Single(proxy => proxy.Identity.Workload.Namespace == "shop"));
        return string.Join('\n', contributions.Diagnostics.Select(finding => $"{finding with { Location = null }}").Concat(proxy.Resources.Select(resource => $"{resource.Name} {resource.Version}")));
    }

    private IEnumerable<string> Codes(string objects)
    {
        var set = _folder.Write(template: Template).Load();
        var (mesh, contributions) = Compile(ResourceSnapshot.Of(Read(TranslationTests.Mesh + objects, set)), set);
        var scope = contributions.ScopeOf(Assert.Single(mesh.Proxies.All), Capabilities.OfRelease(Capabilities.NewestEnvoy));
        return contributions.For(scope).At(ContributionPoint.HttpFilter, Direction.Inbound, Assert.Single(mesh.Mesh.Services))
            .Select(item => ((Google.Protobuf.WellKnownTypes.Any)item.Message).Unpack<Lua>().DefaultSourceCode.InlineString);
    }

    private IMeshContributions Contributions(string objects)
    {
        var set = _folder.Write(template: Template).Load();
        Assert.Empty(set.Diagnostics);
        return Compile(ResourceSnapshot.Of(Read(TranslationTests.Mesh + objects, set)), set).Contributions;
    }

    private static (OfflineMesh Mesh, IMeshContributions Contributions) Compile(ResourceSnapshot snapshot, PluginSet set)
    {
        IMeshContributions? all = null;
        var mesh = OfflineMesh.Compile(snapshot, new CompilerOptions(), (policy, snapshot, options) => all = set.Contribute(policy, snapshot, options));
        return (mesh, all!);
    }

    private static IReadOnlyList<Resource> Read(string objects, PluginSet set)
    {
        var file = ManifestReader.Read(objects, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        return [.. file.Resources];
    }

    private static string Script(string ns, string name, string target, string locked = "") => $$"""
        ---
        apiVersion: test.osmext.io/v1
        kind: Script
        metadata: {name: {{name}}, namespace: {{ns}}}
        spec: { {{locked}}code: {{name}}{{(target.Length == 0 ? "" : $", targetRef: {target}")}} }

        """;

    private static string Grant(string to, string from = "ops", string kind = "Script", string group = "test.osmext.io", string at = "shop", string name = "grant", string version = "v1beta1") => $$"""
        ---
        apiVersion: gateway.networking.k8s.io/{{version}}
        kind: ReferenceGrant
        metadata: {name: {{name}}, namespace: {{at}}}
        spec:
          from: [{group: {{group}}, kind: {{kind}}, namespace: {{from}}}]
          to: [{{to}}]

        """;

    private sealed class Fresh(PluginFolder folder) : IDisposable
    {
        public PluginSet Set { get; } = folder.Load();

        public void Dispose() => Set.DisposeExcept(PluginSet.Empty);
    }
}

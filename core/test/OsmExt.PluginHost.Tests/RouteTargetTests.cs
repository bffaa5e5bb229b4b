using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Lua.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>Objects that are for single requests, and who counts where several are for the same.</summary>
public sealed class RouteTargetTests : IDisposable
{
    private const string Group = """
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: books, namespace: shop}
        spec:
          matches:
          - {name: read, pathRegex: "/books/.*", methods: [GET]}
          - {name: write, pathRegex: "/books/.*", methods: [POST]}
          - {name: any, pathRegex: ".*"}
          - {name: broken, pathRegex: "("}

        """;

    private const string Manifest = """
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: closed
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: filter, point: http-filter, direction: inbound, for: Mesh, with: code, template: lua.scriban}
        - {name: code, point: virtual-host-config, direction: inbound, configures: filter, for: Script, template: lua.scriban}
        """;

    private const string Template = """
        {{ if slot == "filter" }}"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua{{ else }}
        "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute
        source_code: {inline_string: {{ spec.code }}}
        {{ end }}
        """;

    private static readonly string Sound = Group.Replace("  - {name: broken, pathRegex: \"(\"}\n", "", StringComparison.Ordinal);

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_object_for_requests_is_on_a_route_for_these_beside_the_one_they_would_take()
    {
        var host = Host(Script("read", "{code: r, targetRef: {kind: HTTPRouteGroup, name: books, sectionName: read, service: web}}"));

        Assert.Equal(["/books/.* GET: r", ".*:"], Routes(host));
        Assert.Equal(host.Routes[^1].Route_, host.Routes[0].Route_);
        Assert.Equal(["Plugin lua", "Script shop/read", "HTTPRouteGroup shop/books"], Provenance.Read(host.Routes[0].Metadata));
    }

    [Theory]
    // The nearest counts: route, service, namespace.
    [InlineData("host: s | /books/.* GET: r | .*:", "n|{}", "s|{kind: Service, name: web}", "r|{kind: HTTPRouteGroup, name: books, sectionName: read}")]
    // One match is nearer than its group, and a group at a service nearer than the group anywhere.
    [InlineData("/books/.* GET: r | /books/.* POST: s | .*: s", "g|{kind: HTTPRouteGroup, name: books}", "s|{kind: HTTPRouteGroup, name: books, service: web}", "r|{kind: HTTPRouteGroup, name: books, sectionName: read}")]
    // Of equals the first by name.
    [InlineData("/books/.* GET: a | .*:", "a|{kind: HTTPRouteGroup, name: books, sectionName: read}", "b|{kind: HTTPRouteGroup, name: books, sectionName: read}")]
    // A match of everything takes the whole route, and no other is added.
    [InlineData(".*: a", "a|{kind: HTTPRouteGroup, name: books, sectionName: any}")]
    // For another port, or another service, it is not here.
    [InlineData(".*:", "a|{kind: HTTPRouteGroup, name: books, sectionName: read, service: web, port: 81}")]
    public void The_nearest_object_counts(string expected, params string[] objects)
    {
        var host = Host(string.Concat(objects.Select(Object)), Sound);

        Assert.Equal(expected, Described(host));
    }

    [Theory]
    [InlineData("host: n | .*:", "n|{}|lock: true, ", "r|{kind: HTTPRouteGroup, name: books, sectionName: read}")]
    [InlineData("host: n | .*:", "n|{}|lock: true, ", "s|{kind: Service, name: web}")]
    [InlineData("host: n | .*:", "a|{}", "n|{}|lock: true, ")]
    [InlineData("/books/.* GET: g | /books/.* POST: g | .*: g", "g|{kind: HTTPRouteGroup, name: books}|lock: true, ", "r|{kind: HTTPRouteGroup, name: books, sectionName: read}")]
    [InlineData("host: s | /books/.* GET: r | .*:", "s|{kind: Service, name: web}", "r|{kind: HTTPRouteGroup, name: books, sectionName: read}|lock: true, ")]
    public void A_locked_object_gives_way_to_none(string expected, params string[] objects)
    {
        var host = Host(string.Concat(objects.Select(Object)), Sound);

        Assert.Equal(expected, Described(host));
    }

    [Fact]
    public void Who_does_not_count_is_told_who_does()
    {
        var findings = Translate(Object("n|{}|lock: true, ") + Object("s|{kind: Service, name: web}") + Object("r|{kind: HTTPRouteGroup, name: books, sectionName: read}"))
            .Diagnostics.Where(finding => finding.Code == DiagnosticCodes.Overridden).ToArray();

        Assert.Equal(["Script shop/r", "Script shop/s"], findings.Select(finding => finding.Object!.Value.ToString()));
        Assert.All(findings, finding => Assert.Contains("Script shop/n is locked for namespace shop", finding.Message, StringComparison.Ordinal));

        var note = Assert.Single(Contributions(Object("s|{kind: Service, name: web}") + Object("r|{kind: HTTPRouteGroup, name: books, sectionName: read, service: web}")).Diagnostics,
            finding => finding.Code == DiagnosticCodes.Overridden);
        Assert.Equal((Severity.Info, "Script shop/s"), (note.Severity, note.Object.ToString()));
        Assert.Contains("Script shop/r for requests of HTTPRouteGroup shop/books match read to service shop/web", note.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{kind: HTTPRouteGroup, name: nosuch}", DiagnosticCodes.MatchesNothing, "There is no HTTPRouteGroup shop/nosuch", false)]
    [InlineData("{kind: HTTPRouteGroup, name: books, sectionName: nosuch}", DiagnosticCodes.MatchesNothing, "has no match nosuch", false)]
    [InlineData("{kind: HTTPRouteGroup, name: books, sectionName: read, service: nosuch}", DiagnosticCodes.MatchesNothing, "The mesh has no requests", false)]
    [InlineData("{kind: HTTPRouteGroup, name: books, sectionName: broken}", DiagnosticCodes.DanglingReference, "cannot be carried out", true)]
    public void A_route_that_is_none_is_told_and_one_with_a_mistake_holds_who_must_be_guarded(string target, string code, string reason, bool isHeld)
    {
        var contributions = Contributions(Object($"a|{target}"));

        Assert.Contains(reason, Assert.Single(contributions.Diagnostics, finding => finding.Code == code).Message, StringComparison.Ordinal);
        Assert.Equal(isHeld, contributions.For(PluginFolder.Scope()).Held is not null);
    }

    [Fact]
    public void Requests_that_two_slots_are_for_get_what_both_say()
    {
        var manifest = Manifest + "\n- {name: second, point: http-filter, direction: inbound, for: Mesh, template: lua.scriban}"
            + "\n- {name: more, point: virtual-host-config, direction: inbound, configures: second, for: Script, template: lua.scriban}";
        var template = Template.Replace("slot == \"filter\"", "slot == \"filter\" || slot == \"second\"", StringComparison.Ordinal)
            .Replace("{{ else }}", "{{ else if slot == \"code\" && spec.optional || slot == \"more\" && !spec.optional }}", StringComparison.Ordinal);
        var host = Host(Script("a", "{code: a, optional: x, targetRef: {kind: HTTPRouteGroup, name: books, sectionName: read}}")
            + Script("b", "{code: b, targetRef: {kind: HTTPRouteGroup, name: versions, sectionName: old}}")
            + Group + Group.Replace("name: books", "name: versions", StringComparison.Ordinal).Replace("{name: read, pathRegex: \"/books/.*\", methods: [GET]}", "{name: old, pathRegex: \".*/v1\"}", StringComparison.Ordinal),
            "", manifest, template);

        Assert.Equal([@"/books/.* GET (?:.*/v1)(?:[?#]\C*)?: a b", "/books/.* GET: a", ".*/v1: b", ".*:"], Routes(host));
    }

    [Fact]
    public void There_is_an_end_to_how_many_routes_objects_make()
    {
        var objects = Script("s", "{targetRef: {kind: HTTPRouteGroup, name: many}}");
        var matches = string.Concat(Enumerable.Range(0, 500).Select(index => $"  - {{name: m{index}, pathRegex: \"/{index}\"}}\n"));
        var scope = Contributions(objects + $"---\napiVersion: specs.smi-spec.io/v1alpha4\nkind: HTTPRouteGroup\nmetadata: {{name: many, namespace: shop}}\nspec:\n  matches:\n{matches}", "").For(PluginFolder.Scope());

        Assert.Contains("would take more than 500 routes", scope.Findings.First(finding => finding.Code == DiagnosticCodes.ContributionRefused).Message, StringComparison.Ordinal);
        Assert.NotNull(scope.Held);
    }

    [Fact]
    public void What_is_on_a_route_is_found_in_the_resource_that_holds_it()
    {
        var objects = Object("r|{kind: HTTPRouteGroup, name: books, sectionName: read}");
        var parts = new ContributedParts(Contributions(objects).For(PluginFolder.Scope()).All);

        var holders = Translate(objects).Resources.Where(resource => parts.In(resource).Any(item => item.Slot.Name == "code")).Select(resource => resource.Name);

        Assert.Equal(["rds-inbound.8080"], holders);
    }

    // "NAME|TARGET[|LOCK]"
    private static string Object(string text)
    {
        var parts = text.Split('|');
        return Script(parts[0], $"{{{(parts.Length > 2 ? parts[2] : "")}code: {parts[0]}{(parts[1] == "{}" ? "" : $", targetRef: {parts[1]}")}}}");
    }

    private static string Script(string name, string spec) => PluginFolder.Script(name, spec);

    private VirtualHost Host(string objects, string group = Group, string manifest = Manifest, string template = Template)
        => Translate(objects, group, manifest, template).Resources.Select(resource => resource.Message).OfType<RouteConfiguration>()
            .Single(routes => routes.Name == "rds-inbound.8080").VirtualHosts.Single();

    private Translation Translate(string objects, string group = Group, string manifest = Manifest, string template = Template)
    {
        var compiled = Compile(objects, group, _folder.Write(manifest: manifest, template: template).Load());
        return compiled.Mesh.Translate(Assert.Single(compiled.Mesh.Proxies.All));
    }

    private IMeshContributions Contributions(string objects, string group = Group) => Compile(objects, group, _folder.Write(manifest: Manifest, template: Template).Load()).Contributions;

    private static (OfflineMesh Mesh, IMeshContributions Contributions) Compile(string objects, string group, PluginSet set)
    {
        Assert.Empty(set.Diagnostics);
        var file = ManifestReader.Read(TranslationTests.Mesh + objects + group, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        IMeshContributions? all = null;
        var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), (policy, snapshot, options) => all = set.Contribute(policy, snapshot, options));
        return (mesh, all!);
    }

    private static string Described(VirtualHost host) => string.Join(" | ",
        host.TypedPerFilterConfig.Where(entry => entry.Key.StartsWith("lua.", StringComparison.Ordinal)).Select(entry => $"host: {CodeOf(entry.Value)}").Concat(Routes(host)));

    private static IEnumerable<string> Routes(VirtualHost host) => host.Routes.Select(route => string.Join(' ',
        [string.Join(' ', [route.Match.SafeRegex.Regex, .. route.Match.Headers.Select(header => header.StringMatch.Exact + header.StringMatch.SafeRegex?.Regex)]) + ":",
            .. route.TypedPerFilterConfig.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => CodeOf(entry.Value))]));

    private static string CodeOf(Google.Protobuf.WellKnownTypes.Any config) => config.Unpack<LuaPerRoute>().SourceCode.InlineString;
}

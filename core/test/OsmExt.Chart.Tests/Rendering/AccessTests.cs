using System.Text;
using System.Text.Json.Nodes;
using OsmExt.TestedKubernetes;

namespace OsmExt.Chart.Tests.Rendering;

/// <summary>The chart gives the control plane the access that it needs and no more: each verb is for something, which the page about access says.</summary>
public class AccessTests
{
    private const string Begin = "<!-- access: written by a test -->\n";
    private const string End = "<!-- end of access -->";

    // Where: the whole cluster, or the control plane's namespace.
    private static readonly (string Group, string[] Resources, string[] Names, string[] Verbs, bool Everywhere, string Why)[] Needed =
    [
        ("", ["namespaces", "serviceaccounts", "pods", "services"], [], ["list", "watch"], true, "what the mesh consists of"),
        ("discovery.k8s.io", ["endpointslices"], [], ["list", "watch"], true, "which pods serve a service; in the control plane's namespace, which replicas there are"),
        ("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], [], ["list", "watch"], true, "names of workloads in metrics and statuses; metadata only"),
        ("batch", ["jobs"], [], ["list", "watch"], true, "the same"),
        ("access.smi-spec.io", ["traffictargets"], [], ["list", "watch"], true, "policy"),
        ("specs.smi-spec.io", ["httproutegroups", "tcproutes"], [], ["list", "watch"], true, "policy"),
        ("split.smi-spec.io", ["trafficsplits"], [], ["list", "watch"], true, "policy"),
        ("policy.openservicemesh.io", ["retries", "upstreamtrafficsettings"], [], ["list", "watch"], true, "policy"),
        ("config.openservicemesh.io", ["meshconfigs", "meshrootcertificates"], [], ["list", "watch"], true, "settings and roots"),
        ("gateway.networking.k8s.io", ["referencegrants"], [], ["list", "watch"], true, "what of other namespaces may be named"),
        ("access.smi-spec.io", ["traffictargets/status"], [], ["patch"], true, "how far the object has come"),
        ("specs.smi-spec.io", ["httproutegroups/status", "tcproutes/status"], [], ["patch"], true, "the same"),
        ("split.smi-spec.io", ["trafficsplits/status"], [], ["patch"], true, "the same"),
        ("policy.openservicemesh.io", ["retries/status", "upstreamtrafficsettings/status"], [], ["patch"], true, "the same"),
        ("config.openservicemesh.io", ["meshconfigs/status", "meshrootcertificates/status"], [], ["patch"], true, "the same"),
        ("events.k8s.io", ["events"], [], ["create", "patch"], true, "what has happened to objects"),
        ("apiextensions.k8s.io", ["customresourcedefinitions"], [], ["list", "watch"], true, "kinds that come and go; metadata only"),
        ("apiextensions.k8s.io", ["customresourcedefinitions"], ["meshconfigs.config.openservicemesh.io", "trafficsplits.split.smi-spec.io"], ["get", "patch"], true, "by which certificate authority the webhook is known that converts their versions"),
        ("admissionregistration.k8s.io", ["mutatingwebhookconfigurations"], ["osm-webhook-osm"], ["get", "patch"], true, "by which certificate authority the webhook is known"),
        ("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], ["osm-validator-mesh-osm"], ["get", "patch"], true, "the same"),
        ("authentication.k8s.io", ["tokenreviews"], [], ["create"], true, "which pod asks for its first credentials"),
        ("", ["secrets"], [], ["get", "create", "update", "patch", "delete"], false, "roots and their keys; certificates for gateways, which are taken away when nobody asks for them any more"),
        ("", ["configmaps"], [], ["create"], false, "the next rules' objects (a name cannot be asked for where an object is made)"),
        ("", ["configmaps"], ["osm-mesh-roots"], ["get", "list", "watch", "update"], false, "which root does what, for all replicas"),
        ("", ["configmaps"], ["osm-replicas"], ["list", "watch", "patch"], false, "what replicas know of their proxies, for the one that writes"),
        ("", ["configmaps"], ["preset-mesh-config"], ["get"], false, "what the first MeshConfig is made of"),
        ("coordination.k8s.io", ["leases"], [], ["create"], false, "the next rule's object"),
        ("coordination.k8s.io", ["leases"], ["osm-controller"], ["get", "update"], false, "which replica writes"),
        ("config.openservicemesh.io", ["meshconfigs"], [], ["create"], false, "the first MeshConfig"),
    ];

    [KubernetesToolsFact]
    public async Task Every_rule_is_needed_for_something_and_there_are_no_others()
    {
        // Without plugins: theirs are below.
        var off = PluginIds().Select(id => $"osm.plugins.{id}.enabled=false");
        var objects = await Rendered.ObjectsAsync(off);
        Assert.Equal(Needed.Where(rule => rule.Everywhere).Select(Text), Rules(objects, "ClusterRole"));
        Assert.Equal(Needed.Where(rule => !rule.Everywhere).Select(Text), Rules(objects, "Role"));
    }

    [KubernetesToolsFact]
    public async Task A_plugins_kinds_are_read_while_it_is_enabled_and_Secrets_only_for_a_plugin_that_may()
    {
        var off = PluginIds().Select(id => $"osm.plugins.{id}.enabled=false").ToArray();
        var none = Rules(await Rendered.ObjectsAsync(off), "ClusterRole");
        var lua = Rules(await Rendered.ObjectsAsync([.. off, "osm.plugins.lua.enabled=true"]), "ClusterRole");
        Assert.Equal(["script.osmext.io [luascripts] [] list,watch", "script.osmext.io [luascripts/status] [] patch"], lua.Except(none));

        var contour = Rules(await Rendered.ObjectsAsync([.. off, "osm.plugins.ingress-contour.enabled=true"]), "ClusterRole");
        Assert.Equal(["policy.openservicemesh.io [ingressbackends] [] list,watch", "policy.openservicemesh.io [ingressbackends/status] [] patch", "projectcontour.io [httpproxies] [] list,watch"], contour.Except(none));

        var secrets = Rules(await Rendered.ObjectsAsync([.. off, "osm.plugins.external-backend.enabled=true"]), "ClusterRole");
        Assert.Contains(" [secrets] [] list,watch", secrets);
        Assert.DoesNotContain(none, rule => rule.Contains("[secrets]", StringComparison.Ordinal));
    }

    [KubernetesToolsFact]
    public async Task Nothing_is_granted_by_a_star()
        => Assert.All((await Rendered.ObjectsAsync("osm.deployPrometheus=true")).Where(value => value.Kind().EndsWith("Role", StringComparison.Ordinal)), role => Assert.DoesNotContain("\"*\"", role.ToJsonString(), StringComparison.Ordinal));

    [Fact]
    public void The_page_about_access_says_what_each_rule_is_for()
    {
        var page = Checkout.In("core/docs/access.md");
        var text = File.ReadAllText(page);
        var (start, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = new StringBuilder("\n| group | resources | verbs | where | for |\n| --- | --- | --- | --- | --- |\n");
        foreach (var (group, resources, names, verbs, everywhere, why) in Needed)
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"| {(group.Length == 0 ? "(core)" : group)} | {string.Join(", ", resources)}{(names.Length == 0 ? "" : $", named {string.Join(", ", names)}")} | {string.Join(", ", verbs)} | {(everywhere ? "cluster" : "own namespace")} | {why} |\n");
        }

        table.Append('\n');
        if (Checkout.Accepts)
        {
            File.WriteAllText(page, text = $"{text[..start]}{table}{text[end..]}");
            end = text.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(table.ToString(), text[start..end]);
    }

    private static string Text((string Group, string[] Resources, string[] Names, string[] Verbs, bool, string) rule)
        => $"{rule.Group} [{string.Join(',', rule.Resources)}] [{string.Join(',', rule.Names)}] {string.Join(',', rule.Verbs)}";

    private static string[] Rules(IEnumerable<JsonObject> objects, string kind) =>
    [
        .. objects.Single(value => value.Kind() == kind && value.Name() == "osm")["rules"]!.AsArray().Select(rule => Text((
            Words(rule, "apiGroups").Single(), Words(rule, "resources"), Words(rule, "resourceNames"), Words(rule, "verbs"), false, ""))),
    ];

    private static string[] Words(JsonNode? rule, string field) => [.. (rule![field] as JsonArray ?? []).Select(word => (string)word!)];

    private static IEnumerable<string> PluginIds()
        => YamlText.Objects(File.ReadAllText(Path.Combine(Checkout.Chart, "files", "plugin-kinds.yaml"))).Single().Select(entry => entry.Key);
}

using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Admission;
using OsmExt.Kubernetes.Injection;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Snapshots;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Tests.Injection;

/// <summary>
/// Every scenario of injection: cases/injection/NAME/in.yaml holds namespaces, perhaps a MeshConfig, and pods; what becomes of each pod is in
/// pods.verified.yaml. A first line "# native" says that the cluster has sidecar containers.
/// </summary>
public sealed class InjectionCaseTests
{
    private static readonly string Folder = Path.Combine(SourceFolder(), "cases", "injection");
    private static readonly Guid Proxy = Guid.Parse("11111111-2222-4333-8444-555555555555");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pod_becomes_what_is_written_down(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name, "in.yaml"));
        var objects = ManifestReader.Read(text, "in.yaml");
        var namespaces = objects.Resources.OfType<Namespace>().ToDictionary(ns => ns.Metadata.Name, StringComparer.Ordinal);
        Assert.Empty(objects.Diagnostics.Where(found => found.Object?.Kind == "MeshConfig"));
        var settings = Settings(text) with { Sidecar = objects.Resources.OfType<MeshConfig>().SingleOrDefault()?.Sidecar ?? SidecarSettings.Default };

        var output = new StringBuilder();
        foreach (var json in YamlText.Read(text).Documents.Select(document => (JsonObject)ManifestJson.Of(document.Root)!).Where(json => (string?)json["kind"] == "Pod"))
        {
            var before = json.ToJsonString();
            var pod = new PodObject(json, (string?)json["metadata"]!["namespace"] ?? "default");
            var injection = SidecarInjector.Inject(pod, namespaces[pod.Namespace], settings, Proxy);

            Assert.Equal(before, json.ToJsonString());
            output.Append("---\n# ").Append(pod.Key.Name).Append(": ").Append(injection.Pod is not null ? "injected" : injection.Reason ?? "refused").Append('\n');
            foreach (var diagnostic in injection.Diagnostics)
            {
                output.Append("# ").Append(diagnostic).Append('\n');
            }

            if (injection.Pod is { } injected)
            {
                output.Append(YamlWriter.Write(injected));
                Assert.True(JsonNode.DeepEquals(injected, JsonPatches.Apply(json, JsonDifference.Of(json, injected))), "the patch gives another pod");
                Idempotent(injected, pod, namespaces[pod.Namespace], settings);
            }
        }

        Snapshot.Verify(output.ToString(), Path.Combine(Folder, name, "pods"));
    }

    internal static InjectionSettings Settings(string text) => new()
    {
        EnvoyImage = "envoyproxy/envoy:v1.36.2",
        InitImage = "osm-init:1",
        AgentImage = "osm:1",
        Roots = "-----BEGIN CERTIFICATE-----\nroot\n-----END CERTIFICATE-----\n",
        NativeSidecars = text.StartsWith("# native", StringComparison.Ordinal),
    };

    // The webhook may be asked twice about one pod, and for a copy of a pod.
    private static void Idempotent(JsonObject injected, PodObject pod, Namespace ns, InjectionSettings settings)
    {
        var again = SidecarInjector.Inject(pod with { Json = injected }, ns, settings, Proxy);
        Assert.True(again.Pod is not null && JsonNode.DeepEquals(injected, again.Pod), "injecting again changes the pod");
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetDirectoryName(Path.GetDirectoryName(file))!;
}

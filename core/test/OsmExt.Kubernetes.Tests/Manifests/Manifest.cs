using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Manifests;

/// <summary>Short cuts for tests that read manifests.</summary>
internal static class Manifest
{
    public static ManifestFile Read(string text) => ManifestReader.Read(text, "in.yaml");

    /// <summary>Every diagnostic of a text, one a line.</summary>
    public static string Report(string text) => string.Join('\n', Read(text).Diagnostics);

    /// <summary>The one object of a text that must be without fault.</summary>
    public static T One<T>(string text)
        where T : Resource
    {
        var file = Read(text);
        Assert.Empty(file.Diagnostics);
        return Assert.IsType<T>(Assert.Single(file.Resources));
    }

    public static string Sample(string name) => File.ReadAllText(SamplePath(name));

    public static string SamplePath(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name);

    public static string Service(string name, string ns = "shop", int port = 80)
        => $$"""
           apiVersion: v1
           kind: Service
           metadata: {name: {{name}}, namespace: {{ns}}}
           spec: {ports: [{port: {{port}}}]}

           """;
}

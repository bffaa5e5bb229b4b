using System.Buffers;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Tests.Server;

public sealed class ResponseEncodingTests
{
    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach (var count in new[] { 0, 1, 300 })
            {
                cases.Add(count, "");
                cases.Add(count, "controller-0/ü");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void State_of_the_world_bytes_are_what_the_generated_message_says(int count, string controlPlane)
    {
        var (response, resources) = Response(XdsVariant.StateOfTheWorld, count, []);
        var message = DiscoveryResponse.Parser.ParseFrom(Write(response, controlPlane));
        var expected = new DiscoveryResponse { TypeUrl = response.TypeUrl, Nonce = response.Nonce, VersionInfo = response.Version };
        expected.Resources.AddRange(resources.Select(Packed));
        expected.ControlPlane = controlPlane.Length == 0 ? null : new() { Identifier = controlPlane };
        Assert.Equal(expected, message);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Delta_bytes_are_what_the_generated_message_says(int count, string controlPlane)
    {
        string[] removed = [.. Enumerable.Range(0, count).Select(i => new string('n', i)), "naïve"];
        var (response, resources) = Response(XdsVariant.Delta, count, removed);
        var message = DeltaDiscoveryResponse.Parser.ParseFrom(Write(response, controlPlane));
        var expected = new DeltaDiscoveryResponse { TypeUrl = response.TypeUrl, Nonce = response.Nonce, SystemVersionInfo = response.Version };
        expected.Resources.AddRange(resources.Select(r => new Resource { Name = r.Name, Version = r.Version, Resource_ = Packed(r) }));
        expected.RemovedResources.AddRange(removed);
        expected.ControlPlane = controlPlane.Length == 0 ? null : new() { Identifier = controlPlane };
        Assert.Equal(expected, message);
    }

    private static (XdsResponse Response, List<XdsResource> Resources) Response(XdsVariant variant, int count, string[] removed)
    {
        var resources = Enumerable.Range(0, count).Select(i => Some.Cluster($"cluster-{i}-{new string('x', i)}", i)).ToList();
        return (new(variant, TypeUrls.Cluster, "0123456789abcdef.12", "v1") { Resources = resources, Changed = resources, Removed = removed }, resources);
    }

    private static byte[] Write(XdsResponse response, string controlPlane)
    {
        var encoding = new ResponseEncoding(controlPlane);
        var buffer = new ArrayBufferWriter<byte>();
        encoding.Write(response, buffer);
        Assert.Equal(buffer.WrittenCount, encoding.Size(response));
        return buffer.WrittenSpan.ToArray();
    }

    private static Google.Protobuf.WellKnownTypes.Any Packed(XdsResource resource)
        => new() { TypeUrl = resource.TypeUrl, Value = resource.Message.ToByteString() };
}

using Envoy.Config.Core.V3;
using Google.Protobuf;
using OsmExt.Compiler.Translation;
using OsmExt.Fleet.Wire;

namespace OsmExt.Fleet.Proxies;

/// <summary>Writes discovery requests of one stream, in the words of its variant.</summary>
internal sealed class Requests(bool delta, string nodeId)
{
    // Everything of the node but its id, as an Envoy of the newest release says it.
    private static readonly byte[] Node = NodeOf(Capabilities.NewestEnvoy);
    private readonly Output _message = new();
    private bool _introduced;

    /// <summary>A new stream begins.</summary>
    public void Begin() => _introduced = false;

    /// <summary>Asks for all of a type, or for names.</summary>
    public void Ask(GrpcStream stream, Subscription type, IEnumerable<ResourceName> added, IEnumerable<ResourceName> removed)
    {
        Introduce(delta ? 1 : 2);
        if (delta)
        {
            _message.Text(2, type.TypeUrl);
            Names(3, added);
            Names(4, removed);
            if (!type.IsAsked)
            {
                Kept(type);
            }
        }
        else
        {
            _message.Text(1, type.Version);
            Names(3, type.Names);
            _message.Text(4, type.TypeUrl);
            _message.Text(5, type.Nonce);
        }

        type.IsAsked = true;
        Send(stream);
    }

    /// <summary>Accepts or refuses a response.</summary>
    public void Answer(GrpcStream stream, Subscription type, Response response, string? objection)
    {
        if (delta)
        {
            _message.Text(2, type.TypeUrl);
            _message.Text(6, response.Nonce);
            Objection(7, objection);
        }
        else
        {
            _message.Text(1, type.Version);
            Names(3, type.Names);
            _message.Text(4, type.TypeUrl);
            _message.Text(5, response.Nonce);
            Objection(6, objection);
        }

        Send(stream);
    }

    private void Introduce(int field)
    {
        if (!_introduced)
        {
            _introduced = true;
            _message.Head(field, Output.SizeOf(nodeId) + Node.Length);
            _message.Text(1, nodeId);
            _message.Bytes(Node);
        }
    }

    private void Names(int field, IEnumerable<ResourceName> names)
    {
        foreach (var name in names)
        {
            _message.Text(field, name.Text);
        }
    }

    // initial_resource_versions
    private void Kept(Subscription type)
    {
        foreach (var (name, payload) in type.Held)
        {
            _message.Head(5, Output.SizeOf(name.Text) + Output.SizeOf(payload.Version));
            _message.Text(1, name.Text);
            _message.Text(2, payload.Version);
        }
    }

    // google.rpc.Status {code 1, message 2}
    private void Objection(int field, string? objection)
    {
        if (objection is not null)
        {
            const ulong InvalidArgument = 3;
            _message.Head(field, 2 + Output.SizeOf(objection));
            _message.Number(1, InvalidArgument);
            _message.Text(2, objection);
        }
    }

    private void Send(GrpcStream stream)
    {
        stream.Write(_message.Written.Span);
        _message.Clear();
    }

    private static byte[] NodeOf(string envoy)
    {
        var version = Version.Parse(envoy);
        return new Node
        {
            UserAgentName = "envoy",
            UserAgentBuildVersion = new() { Version = new() { MajorNumber = (uint)version.Major, MinorNumber = (uint)version.Minor, Patch = (uint)version.Build } },
            Extensions = { Capabilities.OfRelease(envoy).TypeUrls.Order(StringComparer.Ordinal).Select(type => new global::Envoy.Config.Core.V3.Extension { TypeUrls = { type } }) },
        }.ToByteArray();
    }
}

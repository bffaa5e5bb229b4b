using Google.Protobuf.Reflection;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Envoy.Reading;

/// <summary>What one reading has found so far, where it stands, and how much it may still do.</summary>
internal sealed class ReadContext(YamlDocumentPart document)
{
    // A route table for a thousand services has some 50,000 nodes; a few aliases of aliases can mean billions.
    private const int MostNodes = 250_000;
    private const int MostProblems = 100;
    private readonly List<ReadProblem> _problems = [];

    // Both protobuf's parsers and Envoy refuse a message nested deeper; what is packed into an Any counts anew.
    private const int MostMessages = 100;
    private int _nodes;
    private int _messages;
    private int _sensitive;
    private bool _stopped;

    public IReadOnlyList<ReadProblem> Problems => _problems;

    public FieldPath Path { get; } = new();

    /// <summary>Whether another node may be read. Once it may not, nothing more is read or reported.</summary>
    public bool Visit(YamlNode node)
    {
        if (_stopped)
        {
            return false;
        }

        if (++_nodes > MostNodes)
        {
            Stop(node, $"more than {MostNodes} values, counting what aliases repeat");
        }
        else if (Path.Depth > BoundedParser.MaxDepth)
        {
            Stop(node, $"nested deeper than {BoundedParser.MaxDepth} levels, counting what aliases repeat");
        }

        return !_stopped;
    }

    /// <summary>Begins a message inside the one being read; undone by <see cref="Leave"/>.</summary>
    /// <param name="node">Where it is written.</param>
    /// <param name="levels">How many messages that is on the wire.</param>
    public bool Enter(YamlNode node, int levels = 1)
    {
        _messages += levels;
        if (_messages <= MostMessages)
        {
            return true;
        }

        Report(node, $"more than {MostMessages} messages inside one another");
        Leave(levels);
        return false;
    }

    public void Leave(int levels = 1) => _messages -= levels;

    /// <summary>Begins a message that will be packed; <see cref="LeavePacked"/> takes the result.</summary>
    public int EnterPacked()
    {
        var outer = _messages;
        _messages = 0;
        return outer;
    }

    public void LeavePacked(int outer) => _messages = outer;

    /// <summary>Begins a field; if it holds secrets, nothing read before <see cref="LeaveField"/> is repeated in what is reported.</summary>
    public void EnterField(FieldDescriptor field, string name)
    {
        Path.Push(name);
        _sensitive += SensitiveFields.Has(field) || _sensitive > 0 ? 1 : 0;
    }

    public void LeaveField()
    {
        Path.Pop();
        _sensitive -= _sensitive > 0 ? 1 : 0;
    }

    /// <summary>How people call what stands there.</summary>
    public string Describe(YamlNode node) => node is YamlScalarNode && _sensitive > 0 && !YamlScalar.IsNull(node)
        ? "something not repeated here"
        : YamlScalar.Describe(node);

    public void Report(YamlNode node, string message, string? suggestion = null)
    {
        if (_stopped)
        {
            return;
        }

        if (_problems.Count == MostProblems)
        {
            Stop(node, $"more than {MostProblems} problems; the rest are not listed");
            return;
        }

        _problems.Add(new(Path.ToString(), document.PositionOf(node), message, suggestion));
    }

    /// <summary>Reports about a field of the message the walk stands at.</summary>
    public void ReportField(string field, YamlNode node, string message, string? suggestion = null)
    {
        Path.PushKey(field);
        Report(node, message, suggestion);
        Path.Pop();
    }

    private void Stop(YamlNode node, string message)
    {
        _stopped = true;
        _problems.Add(new(Path.ToString(), document.PositionOf(node), message));
    }
}
